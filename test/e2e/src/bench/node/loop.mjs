// A minimal Lambda runtime: fetches events from the Runtime API and sends the answers of a function.
import http from 'node:http'

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new http.Agent({ keepAlive: true })

function call(method, resource, body) {
  return new Promise((resolve, reject) => {
    const path = `/2018-06-01/runtime/invocation/${resource}`
    const request = http.request({ host, port, method, path, agent }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Answers every request to the URL with what the function makes of its body; never returns. */
export async function serve(answer) {
  for (;;) {
    const { headers, text } = await call('GET', 'next')
    const id = headers['lambda-runtime-aws-request-id']
    try {
      const body = JSON.stringify(await answer(JSON.parse(JSON.parse(text).body)))
      await call('POST', `${id}/response`, JSON.stringify({ statusCode: 200, body }))
    } catch (e) {
      await call('POST', `${id}/error`, JSON.stringify({ errorType: e.name, errorMessage: e.message }))
    }
  }
}
