// Prices with the ancestor's own library. Its keys come from the secret, and with them where AWS is, since version 2 of the
// SDK does not look into AWS_ENDPOINT_URL.
import { createRequire } from 'node:module'
import { once } from 'node:events'
import { serve } from './loop.mjs'

const require = createRequire(import.meta.url)
const { SpotSpec } = require('spotspec')
const SecretsManager = require('aws-sdk/clients/secretsmanager')

const where = { region: process.env.AWS_REGION, endpoint: process.env.AWS_ENDPOINT_URL }
const secret = await new SecretsManager(where).getSecretValue({ SecretId: process.env.SECRET_ARN }).promise()
const spots = new SpotSpec({ keys: { ...JSON.parse(secret.SecretString), ...where } })
await event('initialized')

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
