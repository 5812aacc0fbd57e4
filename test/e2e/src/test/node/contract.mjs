// Validates an OpenAPI document, and requests and answers against it, with third-party validators.
// Reads {document, asked: [request], answered: [{status, body}]} from standard input, and writes a list of errors.
import { Validator } from '@seriousme/openapi-schema-validator'
import Ajv2020 from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { text } from 'node:stream/consumers'

const { document, asked, answered } = JSON.parse(await text(process.stdin))
const wrong = []

const result = await new Validator().validate(structuredClone(document))
if (!result.valid) wrong.push(`not OpenAPI 3.1: ${JSON.stringify(result.errors)}`)

// Strict mode reports unknown and ineffective keywords and formats of a schema.
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true })
formats.default(ajv)
for (const word of [...Object.keys(document), 'discriminator']) ajv.addKeyword(word)

function check(what, schema, value) {
  const validate = ajv.compile(schema)
  if (!validate(value)) wrong.push(`${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`)
}

/** A schema's place in the document, as a reference. */
function at(...path) {
  const pointer = path.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
  return { $ref: `contract#/${pointer}` }
}

try {
  ajv.addSchema({ ...document, $id: 'contract' })
  for (const name of Object.keys(document.components.schemas)) ajv.compile(at('components', 'schemas', name))
  const post = document.paths['/'].post
  const request = at('components', 'schemas', 'Request')
  for (const [name, { value }] of Object.entries(post.requestBody.content['application/json'].examples)) {
    check(`example ${name}`, request, value)
  }
  for (const value of asked) check('asked', request, value)
  for (const { status, body } of answered) {
    const response = post.responses[status]
    if (!response) {
      wrong.push(`there is no answer of status ${status}`)
      continue
    }
    const content = ['content', 'application/json', 'schema']
    check(
      `answered with ${status}`,
      response.$ref ? at(...response.$ref.slice(2).split('/'), ...content) : at('paths', '/', 'post', 'responses', `${status}`, ...content),
      body,
    )
  }
} catch (e) {
  wrong.push(`not JSON Schema 2020-12: ${e.message}`)
}
process.stdout.write(JSON.stringify(wrong))
