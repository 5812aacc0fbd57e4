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

/** The place of the JSON form of an answer, as the names on the way to it. */
function answerOf(status) {
  const { $ref } = document.paths['/'].post.responses[status]
  const place = $ref ? $ref.slice(2).split('/') : ['paths', '/', 'post', 'responses', `${status}`]
  return [...place, 'content', 'application/json']
}

try {
  ajv.addSchema({ ...document, $id: 'contract' })
  for (const name of Object.keys(document.components.schemas)) ajv.compile(at('components', 'schemas', name))
  const post = document.paths['/'].post
  const request = at('components', 'schemas', 'Request')
  for (const [name, { value }] of Object.entries(post.requestBody.content['application/json'].examples)) {
    check(`example ${name}`, request, value)
  }
  for (const status of Object.keys(post.responses)) {
    const path = answerOf(status)
    const { example, examples } = path.reduce((node, name) => node[name], document)
    const values = examples ? Object.values(examples).map(({ value }) => value) : [example]
    for (const value of values) check(`example of ${status}`, at(...path, 'schema'), value)
  }
  for (const value of asked) check('asked', request, value)
  for (const { status, body } of answered) {
    if (!post.responses[status]) {
      wrong.push(`there is no answer of status ${status}`)
      continue
    }
    check(`answered with ${status}`, at(...answerOf(status), 'schema'), body)
  }
} catch (e) {
  wrong.push(`not JSON Schema 2020-12: ${e.message}`)
}
process.stdout.write(JSON.stringify(wrong))
