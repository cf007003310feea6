package bench

import (
	"errors"
	"slices"
	"sync"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
)

// crowdParts are all servers, each with its clients. What is asked of them is
// the sum of what each says.
type crowdParts []*part

func (ps crowdParts) tell() (sum Tally) {
	for _, p := range ps {
		t := p.clients.tell()
		sum.Open += t.Open
		sum.Pings += t.Pings
		sum.Lost += t.Lost
		if sum.Why == "" {
			sum.Why = t.Why
		}
	}
	return sum
}

// resident is the memory of the servers and of the clients, 0 where it is not
// known.
func (ps crowdParts) resident() (servers, clients int64) {
	for _, p := range ps {
		server, err := machine.ResidentOf(p.server.pid)
		client, clientErr := machine.ResidentOf(p.clients.cmd.Process.Pid)
		if err != nil || clientErr != nil {
			return 0, 0
		}
		servers, clients = servers+server, clients+client
	}
	return servers, clients
}

// cpu is the CPU time of the servers since it was last asked for, 0 where it
// is not known.
func (ps crowdParts) cpu() (sum time.Duration) {
	for _, p := range ps {
		now, err := machine.UsageOf(p.server.pid)
		if err != nil {
			return 0
		}
		sum += now.CPU - p.used
		p.used = now.CPU
	}
	return sum
}

// free has the servers give back memory that they do not use.
func (ps crowdParts) free() error {
	for _, p := range ps {
		if err := p.server.free(); err != nil {
			return err
		}
	}
	return nil
}

// echo asks for echoes on all parts at once: questions that come at moments
// of chance from many sides come at moments of chance.
func (ps crowdParts) echo(rate int, last time.Duration) (*echoes, error) {
	e := &echoes{Rate: rate}
	ps.cpu()
	began := time.Now()
	results, errs := make([]EchoResult, len(ps)), make([]error, len(ps))
	var all sync.WaitGroup
	for i, p := range ps {
		all.Go(func() {
			errs[i] = p.clients.Call("Crowd.Echo", EchoOrder{float64(rate) / float64(len(ps)), last}, &results[i])
		})
	}
	all.Wait()
	e.Time, e.CPU = time.Since(began), ps.cpu()
	var delays []time.Duration
	for _, r := range results {
		delays = append(delays, r.Delays...)
		e.Unanswered += r.Unanswered
	}
	if e.Answered = len(delays); e.Answered > 0 {
		slices.Sort(delays)
		e.P50, e.P90, e.P99, e.Max = percentile(delays, 50), percentile(delays, 90), percentile(delays, 99), delays[len(delays)-1]
	}
	return e, errors.Join(errs...)
}

// stop ends what the clients are doing. Their connections stay open.
func (ps crowdParts) stop() {
	for _, p := range ps {
		p.clients.stop()
	}
}

// end ends all processes. The clients go first: they reset the connections,
// so that no port has to wait.
func (ps crowdParts) end() error {
	errs := make([]error, len(ps))
	var all sync.WaitGroup
	for i, p := range ps {
		all.Go(func() {
			if p.clients != nil {
				errs[i] = p.clients.end()
			}
			errs[i] = errors.Join(errs[i], p.server.stop())
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
