// The authorizer of deploy/probe, for Node: it answers as the query parameter
// auth says. In the form with a callback, as in AWS's guide: serverless-offline
// takes "Unauthorized" in no other.
export function handler(event, _context, callback) {
  const { methodArn, queryStringParameters: query = {} } = event;
  const [stage] = methodArn.split("/$connect");
  const allow = (Resource) => ({ Action: "execute-api:Invoke", Effect: "Allow", Resource });
  const deny = { Action: "execute-api:Invoke", Effect: "Deny", Resource: methodArn };
  const answers = {
    wide: [allow(stage + "/*")],
    star: [allow("*")],
    trap: [allow(stage + "/*/*")],
    other: [allow(stage + "/echo")],
    deny: [deny],
    both: [allow(methodArn), deny],
  };
  switch (query.auth) {
    case "unauthorized":
      return callback("Unauthorized");
    case "error":
      return callback(new Error("the authorizer fails, as it was told to"));
    case "malformed":
      return callback(null, "text in place of a policy");
  }
  callback(null, {
    principalId: "probe",
    policyDocument: { Version: "2012-10-17", Statement: answers[query.auth] ?? [allow(methodArn)] },
    context: { text: "text", number: 12, bool: true, watcher: query.watcher ?? "" },
  });
}
