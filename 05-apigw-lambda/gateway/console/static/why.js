// The gateway gives its reasons in English. Those that are always of the same
// form are said in the reader's language; any other stays as it came.

import { language, t } from './i18n.js';

const forms = [
  [/^(?<expression>\S+) is (?<value>".*"), for which there is no route, and there is no such route and no \$default$/, 'why.nothing'],
  [/^(?<expression>\S+) is (?<value>".*"), and there is no such route and no \$default$/, 'why.nothing'],
  [/^(?<expression>\S+) is (?<value>".*"), for which there is no route$/, 'why.default'],
  [/^(?<expression>\S+) is (?<value>".*")$/, 'why.route'],
  [/^(?<expression>\S+) can't be evaluated: the message is not JSON$/, 'why.json'],
  [/^(?<expression>\S+) can't be evaluated: the message is not JSON, and there is no such route and no \$default$/, 'why.neither'],
  [/^the function said so$/, 'why.function'],
  [/^there is no such stage: this API has \/(?<stage>.*)$/, 'why.stage'],
  [/^ApiKeyRequired, and no usage plan has the key that came$/, 'why.key'],
  [/^the function failed: (?<answer>.*)$/s, 'why.failed'],
  [/^malformed Lambda proxy response: (?<reason>.*)$/s, 'why.malformed'],
  [/^the function (?<name>\S+) does not run here$/, 'why.absent'],
  [/^no AWS::Lambda::Permission lets this API invoke (?:the authorizer )?(?<name>[^\s:]+)/, 'why.permission'],
  [/^its policy allows it$/, 'why.allows'],
  [/^its policy denies (?<action>\S+) on (?<arn>\S+)$/, 'why.denies'],
  [/^the identity source (?<source>\S+) is missing or empty: the function was not run$/, 'why.identity'],
  [/^the function failed with "Unauthorized"$/, 'why.unauthorized'],
  [/^the connection is gone, or never was$/, 'why.gone'],
  [/^there is nothing behind the route (?<route>.*)$/, 'why.empty'],
  [/^it took more than (?<duration>\S+)$/, 'why.late'],
];

export function because(why) {
  if (!why || language === 'en') return why ?? '';
  for (const [form, key] of forms) {
    const found = form.exec(why);
    if (found) return t(key, found.groups);
  }
  return why;
}
