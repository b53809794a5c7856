// Asks @secvisogram/csaf-validator-lib about documents: a JSON list of documents on standard input, a JSON list of
// the names of the failed tests of each on standard output. The folder it is installed in is the one argument.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const library = (file) => import(pathToFileURL(join(process.argv[2], 'node_modules/@secvisogram/csaf-validator-lib', file)))
const mandatory = await library('mandatoryTests.js')
const { csaf_2_0 } = await library('schemaTests.js')

const failed = async (document) => {
  const names = []
  for (const test of [csaf_2_0, ...Object.values(mandatory)]) {
    if (!(await test(document)).isValid) names.push(test.name.replace('mandatoryTest_', '').replaceAll('_', '.'))
  }
  return names
}
const answers = []
for (const document of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    answers.push(await failed(document))
  } catch (error) {
    answers.push([`error: ${error.message}`])
  }
}
process.stdout.write(JSON.stringify(answers))
