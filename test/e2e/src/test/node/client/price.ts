// Asks for prices with types that are generated from the contract. Writes each pool and its price to standard output,
// and what a task outside of the token's scope is answered with.
import createClient from 'openapi-fetch'
import type { components, paths } from './contract.js'

declare const process: { env: { SPOT_URL: string; SPOT_TOKEN: string } }

const client = createClient<paths, 'application/json'>({
  baseUrl: process.env.SPOT_URL,
  headers: { Authorization: `Bearer ${process.env.SPOT_TOKEN}` },
})

const priced = await client.POST('/', { body: { task: 'price', types: ['m7g.large'], limit: 2 } })
if (priced.error) throw new Error(`${priced.error.error}: ${priced.error.details}`)
if (priced.data.event !== 'priced') throw new Error(priced.data.event)
for (const pool of priced.data.data) console.log(`${pool.AvailabilityZone} ${pool.SpotPrice}`)

const refused = await client.POST('/', { body: { task: 'end', all: true } })
console.log(`${refused.response.status} ${refused.error?.error}`)

// What the service would reject, the compiler rejects.
type Ask = components['schemas']['Ask']
export const wrong: Ask[] = [
  // @ts-expect-error There is no such task.
  { task: 'dance' },
  // @ts-expect-error There is no such field.
  { task: 'price', colour: 'red' },
  // @ts-expect-error The lease is missing.
  { task: 'extend', instanceIds: ['i-0123456789abcdef0'] },
]
