import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** What is not mutated at all, with the reason. */
const ignorer = {
  shouldIgnore(path) {
    if (isLogCall(path)) return 'the text of a log line is for readers; test/engine/log.test.ts checks which lines are written, and with which IDs';
    if (isGone(path)) return 'gone: true only names the case for the compiler; the members of the other case distinguish it';
    return undefined;
  },
};

/** `request.log.info(…)` and the like. */
function isLogCall({ node, parent }) {
  if (parent?.type !== 'CallExpression' || !parent.arguments.includes(node)) return false;
  const { callee } = parent;
  return callee.type === 'MemberExpression' && ['info', 'error'].includes(callee.property.name)
    && (callee.object.name === 'log' || callee.object.property?.name === 'log');
}

/** `{ gone: true }` */
function isGone({ node }) {
  return node.type === 'ObjectExpression' && node.properties.length === 1 && node.properties[0].key?.name === 'gone';
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'not-observable', ignorer)];
