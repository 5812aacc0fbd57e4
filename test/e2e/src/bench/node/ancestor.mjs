// Answers price requests with the ancestor's own library and the keys of the secret or the role. Sets the endpoints in
// code, because version 2 of the SDK does not read them from the environment.
import { createRequire } from 'node:module'
import { once } from 'node:events'
import { serve } from './loop.mjs'

const require = createRequire(import.meta.url)
const { SpotSpec } = require('spotspec')

const region = process.env.AWS_REGION
const keys = process.env.SECRET_ARN ? await secret(process.env.SECRET_ARN) : role()
const spots = new SpotSpec({ keys: { ...keys, region, endpoint: process.env.AWS_ENDPOINT_URL } })
await event('initialized')

async function secret(SecretId) {
  const SecretsManager = require('aws-sdk/clients/secretsmanager')
  const secrets = new SecretsManager({ region, endpoint: process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER })
  return JSON.parse((await secrets.getSecretValue({ SecretId }).promise()).SecretString)
}

function role() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  }
}

async function event(name) {
  const [error, data] = await once(spots, name)
  if (error) {
    throw error
  }
  return data
}

serve(async ({ types, products }) => {
  const answered = event('priced')
  spots.prices({ InstanceTypes: types, ProductDescriptions: products, dryRun: false })
  return { event: 'priced', data: await answered }
})
