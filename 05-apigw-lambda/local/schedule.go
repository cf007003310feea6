package local

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// schedule runs functions at their intervals.
func (b *backend) schedule(ctx context.Context, group *errgroup.Group, p *api.Project) {
	for _, f := range p.Functions {
		run := b.functions[f.ResourceID]
		if run == nil {
			continue
		}
		for _, at := range f.Schedules {
			group.Go(func() error {
				b.repeat(ctx, f, run, at)
				return nil
			})
		}
	}
}

func (b *backend) repeat(ctx context.Context, f *api.Function, run lambda.Function, at api.Schedule) {
	ticker := time.NewTicker(time.Duration(float64(at.Every) / b.o.Scale))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			payload := at.Input
			if payload == nil {
				payload = scheduled(at.ResourceID, now)
			}
			if r, err := run.Invoke(ctx, payload); ctx.Err() == nil && (err != nil || r.Error != "") {
				b.o.Log.Error("a scheduled function failed", "function", f.ResourceID, "error", err, "answer", string(r.Payload))
			}
		}
	}
}

// scheduled is the event of EventBridge's clock.
func scheduled(rule string, now time.Time) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":%q,"detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",`+
		`"time":%q,"region":%q,"resources":["arn:aws:events:%s:123456789012:rule/%s"],"detail":{}}`,
		id.UUID(), now.UTC().Format(time.RFC3339), Region, Region, rule)
}
