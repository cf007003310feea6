package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
	"websocket.example/03-raw-server/workbench/load"
)

// clientsCommand is the other process of bench idle: a crowd that does what it
// is told over its standard input and output, and ends when that does.
func (p *Program) clientsCommand(args []string, t Terminal) error {
	fs := newFlags("clients", "The clients of bench idle. They do what it says on their standard input.", t)
	addr := fs.String("addr", "", "`address` of the server")
	if err := fs.parse(args); err != nil {
		return err
	}
	crowd, err := load.NewCrowd(context.Background(), *addr)
	if err != nil {
		return err
	}
	defer crowd.Close()
	crowd.PerHost = max(1, machine.Ports()/2) // the kernel looks longer for a port where most are taken
	crowd.MayGrow = enough(machine.MemoryNow().Free)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server := rpc.NewServer()
	if err := server.RegisterName("Crowd", &orders{ctx, stop, crowd}); err != nil {
		return err
	}
	server.ServeConn(pipe{t.In, t.Out})
	return nil
}

type pipe struct {
	io.Reader
	io.Writer
}

func (pipe) Close() error { return nil }

// orders are what a crowd can be told. Ctrl-C, which the terminal sends to
// all processes, is none of them: bench idle says what is to be done then.
type orders struct {
	ctx   context.Context
	stop  func()
	crowd *load.Crowd
}

// An EchoOrder asks for echoes. (net/rpc wants its words exported.)
type EchoOrder struct {
	Rate float64 // in a second
	Time time.Duration
}

// An EchoResult is what came of it.
type EchoResult struct {
	Delays     []time.Duration
	Unanswered int
}

// A Tally is how a crowd is.
type Tally struct {
	Open, Pings, Lost int
	Why               string // the first was lost
}

func (o *orders) Open(n int, why *string) error {
	if err := o.crowd.Open(o.ctx, n); err != nil {
		*why = because(err)
	}
	return nil
}

func (o *orders) Echo(order EchoOrder, r *EchoResult) error {
	r.Delays, r.Unanswered = o.crowd.Echo(o.ctx, order.Rate, order.Time)
	return nil
}

func (o *orders) Tell(_ bool, t *Tally) error {
	var why error
	if t.Open, t.Pings, t.Lost, why = o.crowd.Count(); why != nil {
		t.Why = why.Error()
	}
	return nil
}

func (o *orders) Stop(bool, *bool) error {
	o.stop()
	return nil
}

// clients are a crowd in a process of its own.
type clients struct {
	*rpc.Client
	cmd   *exec.Cmd
	wrote strings.Builder // on its standard error
}

func startClients(addr string) (*clients, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &clients{cmd: exec.Command(self, "bench", "clients", "-addr", addr)}
	c.cmd.Stderr = &c.wrote
	c.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // for tests: see startChild
	out, outErr := c.cmd.StdoutPipe()
	in, inErr := c.cmd.StdinPipe()
	if err := errors.Join(outErr, inErr); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.Client = rpc.NewClient(ends{out, in})
	if err := c.Call("Crowd.Tell", true, &Tally{}); err != nil {
		return nil, errors.Join(errors.New("the clients did not start"), c.end())
	}
	return c, nil
}

// ends are those of the two pipes to a process.
type ends struct {
	io.Reader
	io.WriteCloser
}

// tell is how the crowd is; a crowd that has gone has nobody.
func (c *clients) tell() (t Tally) {
	if err := c.Call("Crowd.Tell", true, &t); err != nil {
		return Tally{Why: err.Error()}
	}
	return t
}

func (c *clients) stop() { _ = c.Call("Crowd.Stop", true, new(bool)) } // if it fails, it has ended

// end closes all connections, and the process ends.
func (c *clients) end() error {
	c.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(c.wrote.String()))
	}
	return nil
}
