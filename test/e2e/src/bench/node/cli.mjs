// Prices with the AWS CLI, one process for each request, with the keys of the role.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { serve } from './loop.mjs'

const run = promisify(execFile)

serve(async ({ types }) => {
  const now = new Date().toISOString()
  const { stdout } = await run(process.env.AWS_CLI, [
    'ec2',
    'describe-spot-price-history',
    '--output=json',
    `--start-time=${now}`,
    `--end-time=${now}`,
    '--instance-types',
    ...types,
  ])
  return { event: 'priced', data: JSON.parse(stdout).SpotPriceHistory }
})
