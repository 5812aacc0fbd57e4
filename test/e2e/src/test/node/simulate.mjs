// Evaluates policies with @cloud-copilot/iam-simulate. Reads from standard input
// {account, policies: {name: document}, questions: [{principal, policies: [name], action, resource, context}]}
// and writes an answer for each question: {allowed, ignored}, where ignored lists the condition keys that AWS does not have
// for the action and type of resource, or {error} for an unknown action or type. Uses all processors.
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const { runSimulation } = require('@cloud-copilot/iam-simulate')
const own = createRequire(require.resolve('@cloud-copilot/iam-simulate'))
const { createValidatedPolicy, validateIdentityPolicy } = own('@cloud-copilot/iam-policy')

// Caches the type of each resource, because iam-simulate spends most of its time on determining it.
const types = own('./simulation_engine/resourceTypes.js')
const { getResourceTypesForAction } = types
const found = new Map()
types.getResourceTypesForAction = (...asked) => {
  const key = asked.join(' ')
  if (!found.has(key)) {
    found.set(key, getResourceTypesForAction(...asked))
  }
  return found.get(key)
}

async function answers({ account, policies, questions }) {
  const given = []
  const validated = {}
  for (const [name, document] of Object.entries(policies)) {
    validated[name] = createValidatedPolicy(document, validateIdentityPolicy)
  }
  for (const { principal, policies: names, action, resource, context } of questions) {
    // Treats shared resources as resources of the account, because the policies of the account decide on them.
    const result = await runSimulation(
      {
        request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
        identityPolicies: names.map((name) => ({ name, policy: validated[name] })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    )
    if (result.resultType === 'error') {
      given.push({ error: result.errors.message })
      continue
    }
    const results = result.resultType === 'single' ? [result.result] : result.results
    given.push({
      allowed: result.overallResult === 'Allowed',
      ignored: results.flatMap((one) => one.ignoredContextKeys ?? []),
    })
  }
  return given
}

function share(workload) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: workload })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

if (isMainThread) {
  // The library looks for this key among those of ec2, but its data has it among those of ec2-instance-connect. A key of the same
  // type that it knows takes its place, in the policies and in the questions.
  const known = (await text(process.stdin)).replaceAll('ec2:osuser', 'aws:PrincipalTag/osuser')
  const { questions, ...rest } = JSON.parse(known)
  const size = Math.ceil(questions.length / availableParallelism())
  const shares = []
  for (let start = 0; start < questions.length; start += size) {
    shares.push(share({ ...rest, questions: questions.slice(start, start + size) }))
  }
  process.stdout.write(JSON.stringify((await Promise.all(shares)).flat()))
} else {
  parentPort.postMessage(await answers(workerData))
}
