package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// A member is a nats-server of the cluster.
type member struct {
	Name        string
	Dir         string
	Port        int
	ClusterPort int
	Routes      []string // links to the others
}

// nowhere is where nobody listens. Servers tell each other addresses of
// others, and would go around the links.
const nowhere = "127.0.0.1:1"

// serveMember is the process of one. A line on its standard input asks which
// hubs are connected to it; when the input ends, so does the server.
func serveMember(argument string, in io.Reader, out io.Writer) error {
	var m member
	if err := json.Unmarshal([]byte(argument), &m); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: m.Name, Host: "127.0.0.1", Port: m.Port,
		JetStream: true, StoreDir: m.Dir, SyncAlways: true,
		NoSigs: true, LogFile: logFile(m.Dir, "nats"), Logtime: true,
		Cluster: server.ClusterOpts{
			Name: "chat", Host: "127.0.0.1", Port: m.ClusterPort,
			Advertise: nowhere, NoAdvertise: true,
		},
	}
	for _, r := range m.Routes {
		u, err := url.Parse(r)
		if err != nil {
			return err
		}
		o.Routes = append(o.Routes, u)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.ConfigureLogger()
	s.Start()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		fmt.Fprintln(out, strings.Join(users(s), ","))
	}
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

// users are the names in the URLs of those who are connected.
func users(s *server.Server) (names []string) {
	list, err := s.Connz(&server.ConnzOptions{Username: true})
	if err != nil {
		return nil
	}
	for _, c := range list.Conns {
		names = append(names, c.AuthorizedUser)
	}
	return names
}
