import { isObject, textsOf } from '../read.ts';

const NAME = '[\\w+=,.@-]+';
const PATH = '(?:[\\x21-\\x7e]+/)?';
const AWS_FORMS = [
  '\\*',
  '\\d{12}',
  '(?:AIDA|AROA)[A-Z0-9]{12,}',
  'arn:aws:iam::\\d{12}:root',
  `arn:aws:iam::\\d{12}:(?:user|role)/${PATH}${NAME}`,
  `arn:aws:sts::\\d{12}:assumed-role/${NAME}/${NAME}`,
  `arn:aws:sts::\\d{12}:federated-user/${NAME}`,
];

const FORMS: Readonly<Record<string, RegExp>> = {
  AWS: new RegExp(`^(?:${AWS_FORMS.join('|')})$`),
  Service: /^(?:[a-z0-9-]+\.)+(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)$/,
  Federated: /^(?:arn:aws:iam::\d{12}:(?:oidc|saml)-provider\/[\x21-\x7e]+|(?:[a-z0-9-]+\.)+[a-z]{2,})$/i,
  CanonicalUser: /^[0-9a-f]{64}$/,
};

/** What is wrong with a Principal, in AWS's words. Whether those whom it names exist is not asked. */
export function principalProblem(principal: unknown): string | undefined {
  if (!isObject(principal)) return principal === '*' ? undefined : invalid('AWS', textsOf(principal).join());
  for (const [type, names] of Object.entries(principal)) {
    const form = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
    if (!form) return `Invalid principal in policy: "${type}"`;
    const wrong = textsOf(names).find((name) => !form.test(name) || (type === 'AWS' && /.\*|\*./.test(name)));
    if (wrong === undefined) continue;
    if (type === 'Federated') return 'Federated principals must be valid domain names or SAML metadata ARNs';
    return invalid(type, wrong);
  }
  return undefined;
}

function invalid(type: string, name: string): string {
  return `Invalid principal in policy: "${type.toUpperCase()}":"${name}"`;
}
