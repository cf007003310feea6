package template

import (
	"crypto/sha256"
	"encoding/hex"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// keys finds the API keys that a usage plan lets into this API and stage.
func (t *template) keys(a *api.API) {
	for _, r := range t.of("AWS::ApiGateway::UsagePlanKey") {
		p := t.properties(r)
		plan, key := t.byID[p.text("UsagePlanId")], t.byID[p.text("KeyId")]
		if plan == nil || key == nil || key.kind != "AWS::ApiGateway::ApiKey" || key.off || !t.plans(plan, a) {
			continue
		}
		if enabled := t.properties(key); enabled.n.get("Enabled").kind != none && !enabled.flag("Enabled") {
			continue
		}
		value := t.properties(key).text("Value")
		if value == "" {
			// AWS makes one up; this one is the same at every start.
			sum := sha256.Sum256([]byte("key " + key.id))
			value = hex.EncodeToString(sum[:20]) // 40 letters and digits
			t.notice(key.id, key.kind, "it has no Value, and AWS would make one up: here it is "+value)
		}
		a.Keys = append(a.Keys, value)
	}
}

func (t *template) plans(plan *resource, a *api.API) bool {
	p := t.properties(plan)
	stages := p.get("ApiStages")
	if plan.kind != "AWS::ApiGateway::UsagePlan" || plan.off || !p.want("ApiStages", stages, list) {
		return false
	}
	for _, n := range stages.items {
		if n.get("ApiId").text == a.ID && n.get("Stage").text == a.Stage.Name {
			return true
		}
	}
	return false
}
