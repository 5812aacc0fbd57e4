// Asks @cloud-copilot/iam-simulate what policies allow. Reads from standard input
// {account, policies: {name: document}, questions: [{principal, policies: [name], action, resource, context}]}
// and answers, question by question, {allowed, ignored}: whether it is allowed, and the condition keys that AWS does not
// have for that action on that type of resource; or {error}, where it does not know the action or the type. The questions
// are shared out among the processors.
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const { runSimulation } = require('@cloud-copilot/iam-simulate')
const own = createRequire(require.resolve('@cloud-copilot/iam-simulate'))
const { createValidatedPolicy, validateIdentityPolicy } = own('@cloud-copilot/iam-policy')

// What type of resource an ARN is of, it finds out anew for each question, twice, which is most of its work.
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
    // Everything counts as the account's own: of what AWS RAM shares with it, its own policies decide.
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
  const { questions, ...rest } = JSON.parse(await text(process.stdin))
  const size = Math.ceil(questions.length / availableParallelism())
  const shares = []
  for (let start = 0; start < questions.length; start += size) {
    shares.push(share({ ...rest, questions: questions.slice(start, start + size) }))
  }
  process.stdout.write(JSON.stringify((await Promise.all(shares)).flat()))
} else {
  parentPort.postMessage(await answers(workerData))
}
