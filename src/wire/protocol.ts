/** How a client writes its calls: Smithy's names for AWS's wire protocols. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restXml';

export function isJson(protocol: Protocol): boolean {
  return protocol === 'awsJson1_0' || protocol === 'awsJson1_1';
}

/** The protocols whose calls are forms with an `Action`. */
export function isForm(protocol: Protocol): boolean {
  return protocol === 'awsQuery' || protocol === 'ec2Query';
}
