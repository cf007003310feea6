package lambda

import (
	"errors"
	"io"
	"strings"
	"sync"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// Functions are the functions of a project, by logical ID and by name. The
// zero value is empty and ready.
type Functions struct {
	mu   sync.RWMutex
	list []Named
}

// A Named is a function with what a template says of it.
type Named struct {
	*api.Function
	Run Function
}

// Add puts a function in. From then on Close closes it, if it can be closed.
func (s *Functions) Add(f *api.Function, run Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, Named{f, run})
}

// Find returns a function by what may stand in an Invoke request: its name,
// its ARN, or a part of that, with or without a qualifier; or, as no AWS does,
// its logical ID.
func (s *Functions) Find(name string) (f Named, qualifier string, ok bool) {
	name, qualifier = splitName(name)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, f := range s.list {
		if f.Name == name {
			return f, qualifier, true
		}
	}
	for _, f := range s.list {
		if f.ResourceID == name {
			return f, qualifier, true
		}
	}
	return Named{}, qualifier, false
}

// All returns them in the order in which they were added.
func (s *Functions) All() []Named {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Named(nil), s.list...)
}

// Close closes all functions that can be closed, at once.
func (s *Functions) Close() error {
	s.mu.Lock()
	list := s.list
	s.list = nil
	s.mu.Unlock()
	errs := make([]error, len(list))
	var wait sync.WaitGroup
	for i, f := range list {
		if c, is := f.Run.(io.Closer); is {
			wait.Go(func() { errs[i] = c.Close() })
		}
	}
	wait.Wait()
	return errors.Join(errs...)
}

// splitName takes the forms of a name apart:
//
//	name                                         name:qualifier
//	123456789012:function:name                   123456789012:function:name:qualifier
//	arn:aws:lambda:region:account:function:name  and with :qualifier
func splitName(s string) (name, qualifier string) {
	if _, rest, is := strings.Cut(s, ":function:"); is {
		s = rest
	}
	name, qualifier, _ = strings.Cut(s, ":")
	return name, qualifier
}
