// Package scale measures what idle clients cost a server, and how that cost
// grows with their number: the price of being ready to deliver.
package scale

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"time"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/transport"
)

// Config says what to measure.
type Config struct {
	Clients   []int         // how many at once, one measurement each
	Poll      time.Duration // interval of short polling
	Keepalive time.Duration // how long a connection may be silent
	Window    time.Duration // how long CPU is counted
	Headers   transport.HeaderSet
	Server    func(ctx context.Context) *exec.Cmd // starts Serve in a process of its own
}

// A Cell is what one number of clients of one transport cost.
type Cell struct {
	Transport         string  `json:"transport"`
	Clients           int     `json:"clients"`
	CPUPercent        float64 `json:"cpu_percent"`           // of one core
	CPUMicroseconds   float64 `json:"cpu_us_per_client_s"`   // for one client for one second
	MemoryKiB         float64 `json:"memory_kib_per_client"` // more than without clients
	GoroutinesEach    float64 `json:"goroutines_per_client"` // more than without clients
	RequestsPerSecond float64 `json:"requests_per_s"`
}

// Progress is told before each cell which one of how many comes.
type Progress func(cell, cells int, text string)

// Measure fills the table, one cell after the other, each with a new server
// process. When the context ends it returns the cells it has.
func Measure(ctx context.Context, c Config, progress Progress) ([]Cell, error) {
	var cells []Cell
	for _, t := range transport.All {
		for _, n := range c.Clients {
			if progress != nil {
				progress(len(cells), len(transport.All)*len(c.Clients), fmt.Sprintf("%d × %s", n, t.Name))
			}
			cell, err := measureCell(ctx, c, t, n)
			switch {
			case err == nil:
				cells = append(cells, cell)
			case ctx.Err() == nil:
				return cells, fmt.Errorf("%d × %s: %w", n, t.Name, err)
			}
			select {
			case <-ctx.Done(): // what there is counts
				return cells, nil
			default:
			}
		}
	}
	return cells, nil
}

func measureCell(ctx context.Context, c Config, t transport.Transport, n int) (Cell, error) {
	ctx, stop := context.WithCancel(ctx)
	server, err := start(ctx, c)
	if err != nil {
		stop()
		return Cell{}, err
	}
	defer server.stop()

	idle, err := server.settled()
	if err != nil {
		stop()
		return Cell{}, err
	}
	clients := follow(ctx, c, t, n, server.url)
	defer clients.Wait()
	defer stop()
	if err := server.connected(ctx, idle.Connections+int64(n)); err != nil {
		return Cell{}, err
	}
	busy, err := server.settled()
	if err != nil {
		return Cell{}, err
	}
	before, err := server.usage()
	if err != nil {
		return Cell{}, err
	}
	began := time.Now()
	select {
	case <-time.After(c.Window):
	case <-ctx.Done():
		return Cell{}, ctx.Err()
	}
	after, err := server.usage()
	if err != nil {
		return Cell{}, err
	}
	seconds := time.Since(began).Seconds()
	cpu := (after.CPU - before.CPU).Seconds() / seconds
	return Cell{
		Transport:         t.Name,
		Clients:           n,
		CPUPercent:        cpu * 100,
		CPUMicroseconds:   cpu * 1e6 / float64(n),
		MemoryKiB:         float64(busy.Memory-idle.Memory) / 1024 / float64(n),
		GoroutinesEach:    float64(busy.Goroutines-idle.Goroutines) / float64(n),
		RequestsPerSecond: float64(after.Requests-before.Requests) / seconds,
	}, nil
}

// follow starts n clients, spread evenly over an interval, so that they do
// not all ask at once for ever after.
func follow(ctx context.Context, c Config, t transport.Transport, n int, url string) *sync.WaitGroup {
	spread := min(time.Second, c.Window)
	if t.Name == transport.ShortPoll {
		spread = c.Poll
	}
	clients := &sync.WaitGroup{}
	for i := range n {
		clients.Go(func() {
			select {
			case <-time.After(spread * time.Duration(i) / time.Duration(n)):
			case <-ctx.Done():
				return
			}
			client := transport.NewClient(url, nil, nil)
			client.Poll, client.Header = c.Poll, c.Headers
			defer client.Close()
			_ = t.Follow(ctx, client, 0, func(feed.Event) {})
		})
	}
	return clients
}

// A process is a running server.
type process struct {
	command *exec.Cmd
	input   io.Closer
	url     string
	client  *http.Client
}

func start(ctx context.Context, c Config) (*process, error) {
	p := &process{command: c.Server(ctx), client: &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}}
	input, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.input = input
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, errors.New("the server process did not start")
	}
	p.url = strings.TrimSpace(line)
	return p, nil
}

func (p *process) stop() {
	p.client.CloseIdleConnections()
	p.input.Close()
	_ = p.command.Wait()
}

func (p *process) usage() (Usage, error) {
	var u Usage
	response, err := p.client.Get(p.url + "/usage")
	if err != nil {
		return u, err
	}
	defer response.Body.Close()
	return u, json.NewDecoder(response.Body).Decode(&u)
}

// settled is the usage after a moment of quiet and a garbage collection.
func (p *process) settled() (Usage, error) {
	time.Sleep(500 * time.Millisecond)
	response, err := p.client.Post(p.url+"/collect", "", http.NoBody)
	if err != nil {
		return Usage{}, err
	}
	response.Body.Close()
	return p.usage()
}

// connected waits until the server has accepted so many connections.
func (p *process) connected(ctx context.Context, n int64) error {
	for deadline := time.Now().Add(30 * time.Second); ; {
		u, err := p.usage()
		if err != nil {
			return err
		}
		if u.Connections >= n {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d clients could connect: the limit of open files may be too low (ulimit -n)", u.Connections, n)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
