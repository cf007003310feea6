package integration

import "websocket.example/05-apigw-lambda/gateway/selection"

// respond chooses the integration response for an answer, and runs its
// template. Without one that fits, the answer has no body: on a one-way route
// nobody misses it, and a two-way route has to have one.
func (p *prepared) respond(request Request, c *selection.Context, answer Answer) (Answer, error) {
	c.Response = &selection.Response{Status: answer.Status, Header: answer.Header, Body: answer.Body}
	value, _ := p.selection.Evaluate(c) // a body that is not JSON has no errorMessage: $default
	key, ok := p.keys.Choose(value)
	if !ok {
		answer.Body = nil
		return answer, nil
	}
	answer.Response = key
	chosen := p.responses[key]
	body, err := p.convert(chosen.contentHandling, answer.Body)
	if err != nil {
		return Answer{}, err
	}
	if template := chosen.templates.choose(c, p.runner.Options.StrictTemplates); template != nil {
		if body, err = p.execute(template, request, body); err != nil {
			return Answer{}, err
		}
	}
	answer.Body = body
	return answer, nil
}
