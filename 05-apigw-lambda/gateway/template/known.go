package template

import (
	"slices"
	"strings"
)

// known are the properties of the types in which a misspelt one changes what
// an API does. Tags and descriptions are among them, so as not to be noticed.
var known = func() map[string][]string {
	all := map[string]string{
		"Api": "ApiKeySelectionExpression BasePath Body BodyS3Location CorsConfiguration CredentialsArn Description DisableExecuteApiEndpoint " +
			"DisableSchemaValidation FailOnWarnings IpAddressType Name ProtocolType RouteKey RouteSelectionExpression Tags Target Version",
		"Authorizer": "ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri " +
			"EnableSimpleResponses IdentitySource IdentityValidationExpression JwtConfiguration Name",
		"Integration": "ApiId ConnectionId ConnectionType ContentHandlingStrategy CredentialsArn Description IntegrationMethod " +
			"IntegrationResponseSelectionExpression IntegrationSubtype " +
			"IntegrationType IntegrationUri PassthroughBehavior PayloadFormatVersion RequestParameters RequestTemplates ResponseParameters " +
			"TemplateSelectionExpression TimeoutInMillis TlsConfig",
		"IntegrationResponse": "ApiId ContentHandlingStrategy IntegrationId IntegrationResponseKey ResponseParameters ResponseTemplates TemplateSelectionExpression",
		"Model":               "ApiId ContentType Description Name Schema",
		"Route": "ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId ModelSelectionExpression OperationName RequestModels " +
			"RequestParameters RouteKey RouteResponseSelectionExpression Target",
		"RouteResponse": "ApiId ModelSelectionExpression ResponseModels ResponseParameters RouteId RouteResponseKey",
		"Stage": "AccessLogSettings AccessPolicyId ApiId AutoDeploy ClientCertificateId DefaultRouteSettings DeploymentId Description RouteSettings " +
			"StageName StageVariables Tags",
	}
	made := map[string][]string{}
	for kind, properties := range all {
		made["AWS::ApiGatewayV2::"+kind] = strings.Fields(properties)
	}
	made["AWS::Serverless::WebSocketApi"] = strings.Fields("AccessLogSettings ApiKeySelectionExpression Auth DefaultRouteSettings Description " +
		"DisableExecuteApiEndpoint DisableSchemaValidation Domain FailOnWarnings IpAddressType Name PropagateTags RouteSelectionExpression " +
		"RouteSettings Routes StageName StageVariables Tags")
	return made
}()

// misspelt tells the properties that do nothing.
func (t *template) misspelt(r *resource) {
	for _, key := range r.properties.keys {
		if all := known[r.kind]; all != nil && !slices.Contains(all, key.text) && !strings.HasPrefix(key.text, "Fn::") {
			t.notice(r.id, r.kind, "it has the property "+name(key.text)+", which does nothing: its type has none of that name"+meant(key.text, all))
		}
	}
}
