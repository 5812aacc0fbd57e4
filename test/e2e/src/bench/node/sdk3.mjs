// Prices and launches with the AWS SDK for JavaScript v3, in all regions concurrently.
import { EC2Client, RunInstancesCommand, paginateDescribeSpotPriceHistory } from '@aws-sdk/client-ec2'
import { serve } from './loop.mjs'

const home = process.env.AWS_REGION
const credentials = process.env.SECRET_ARN && (await keys(process.env.SECRET_ARN))
const clients = new Map()

async function keys(SecretId) {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  const secret = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId }))
  return JSON.parse(secret.SecretString)
}

function ec2(region) {
  if (!clients.has(region)) {
    clients.set(region, new EC2Client({ region, credentials }))
  }
  return clients.get(region)
}

async function prices(region, request) {
  const found = []
  const now = new Date()
  const question = {
    StartTime: now,
    EndTime: now,
    InstanceTypes: request.types,
    ProductDescriptions: request.products,
  }
  for await (const page of paginateDescribeSpotPriceHistory({ client: ec2(region) }, question)) {
    found.push(...page.SpotPriceHistory)
  }
  return found
}

serve(async (request) => {
  if (request.task === 'launch') {
    const launched = await ec2(home).send(
      new RunInstancesCommand({
        ImageId: request.ami,
        InstanceType: request.types[0],
        MinCount: 1,
        MaxCount: 1,
        InstanceMarketOptions: { MarketType: 'spot' },
      }),
    )
    return { event: 'launched', data: launched.Instances }
  }
  const regions = request.regions ?? [home]
  let data = (await Promise.all(regions.map((region) => prices(region, request)))).flat()
  if (request.limit) {
    data = data.sort((a, b) => a.SpotPrice - b.SpotPrice).slice(0, request.limit)
  }
  return { event: 'priced', data }
})
