package lambda

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
)

// BenchmarkInvoke is one warm invocation after the other. The plain ones come
// at once, while the environment has still to ask for its next event; the
// others after a pause, when it is frozen and has to be thawed.
func BenchmarkInvoke(b *testing.B) {
	echo := awslambda.NewHandler(func(_ context.Context, v any) (any, error) { return v, nil })
	for _, bb := range []struct {
		name  string
		f     func(b *testing.B) Function
		pause time.Duration
	}{
		{"InProcess", func(*testing.B) Function { return InProcess(testFunction(), echo, Options{}) }, 0},
		{"Process", func(b *testing.B) Function { return started(b, testFunction(), Options{}) }, 0},
		{"Process/frozen", func(b *testing.B) Function { return started(b, testFunction(), Options{}) }, 2 * time.Millisecond},
		{"Process/kept-running", func(b *testing.B) Function { return started(b, testFunction(), Options{KeepRunning: true}) }, 2 * time.Millisecond},
	} {
		b.Run(bb.name, func(b *testing.B) {
			f := bb.f(b)
			invoke(b, f, `{}`)
			var took []time.Duration
			for b.Loop() {
				if bb.pause > 0 {
					time.Sleep(bb.pause)
				}
				begin := time.Now()
				invoke(b, f, `{"requestContext":{"routeKey":"send"},"body":"{\"action\":\"send\"}"}`)
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			for _, p := range []int{50, 99} {
				b.ReportMetric(float64(took[len(took)*p/100].Nanoseconds()), fmt.Sprintf("p%d-ns", p))
			}
		})
	}
}
