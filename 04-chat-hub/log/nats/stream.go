package nats

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const epochKey = "epoch" // in the stream's metadata

// openLog finds the history, or begins one. Its epoch is the moment it began.
func (t *Store) openLog(ctx context.Context) error {
	s, err := t.js.Stream(ctx, logStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = t.js.CreateStream(ctx, t.logConfig(uint64(time.Now().UnixNano())))
	}
	if err != nil { // also if another hub was quicker: the next attempt finds its stream
		return err
	}
	config := s.CachedInfo().Config
	epoch, err := strconv.ParseUint(config.Metadata[epochKey], 10, 64)
	if err != nil {
		return errors.New("the stream " + logStream + " was not made by a chat hub")
	}
	want := t.logConfig(epoch)
	want.Replicas = max(want.Replicas, config.Replicas) // whoever made it safer had a reason
	if config.Replicas != want.Replicas || config.MaxAge != want.MaxAge || config.MaxMsgsPerSubject != want.MaxMsgsPerSubject ||
		config.MaxBytes != want.MaxBytes || config.Duplicates != want.Duplicates {
		if _, err := t.js.UpdateStream(ctx, want); err != nil {
			return err
		}
	}
	if old := t.epoch.Swap(epoch); old != 0 && old != epoch {
		t.o.Log.Warn("the chat's history was lost, and begun anew", "epoch", epoch)
	}
	return nil
}

func (t *Store) logConfig(epoch uint64) jetstream.StreamConfig {
	subjects := allSubjects(epoch)
	return jetstream.StreamConfig{
		Name:        logStream,
		Description: "the history of all rooms",
		Subjects:    []string{subjects},
		Storage:     jetstream.FileStorage,
		Replicas:    t.o.Replicas,
		AllowDirect: true, // any replica answers who reads
		Discard:     jetstream.DiscardOld,
		MaxAge:      t.o.MaxAge, MaxMsgsPerSubject: t.o.MaxPerRoom, MaxBytes: t.o.MaxBytes,
		Duplicates: t.o.Window,
		RePublish:  &jetstream.RePublish{Source: subjects, Destination: root + "live.{{wildcard(1)}}." + epochToken(epoch)},
		Metadata:   map[string]string{epochKey: strconv.FormatUint(epoch, 10)},
	}
}

// openDirectory enters this hub into the directory.
func (t *Store) openDirectory(ctx context.Context) error {
	s, err := t.directory(ctx)
	if err != nil {
		return err
	}
	t.dir = s
	if t.server != nil {
		// Nobody else uses an embedded server: whoever is in it is dead.
		if err := s.Purge(ctx); err != nil {
			return err
		}
	}
	return t.renew(ctx, false)
}

// directory finds the directory, or makes it. It keeps one message of each
// name, whose number is that of the claim. To take a name is to write the
// first one of its subject.
func (t *Store) directory(ctx context.Context) (jetstream.Stream, error) {
	s, err := t.js.Stream(ctx, dirStream)
	if err == nil && s.CachedInfo().Config.Replicas < t.o.Replicas {
		config := s.CachedInfo().Config
		config.Replicas = t.o.Replicas
		return t.js.UpdateStream(ctx, config)
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return s, err
	}
	return t.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:              dirStream,
		Description:       "who is in which room, and which hubs live",
		Subjects:          []string{root + "name.*.*", root + "hub.*"},
		Storage:           jetstream.FileStorage,
		Replicas:          t.o.Replicas,
		AllowDirect:       true,
		AllowMsgTTL:       true, // for leases
		MaxMsgsPerSubject: 1,
		// Claims are numbered upwards also if the directory was lost.
		FirstSeq: uint64(time.Now().UnixMilli()),
	})
}

// reopen looks whether the streams are still there, at most once a second.
// Whoever finds another one looking tries again, within its own time.
func (t *Store) reopen(ctx context.Context) {
	if !t.openMu.TryLock() {
		return
	}
	defer t.openMu.Unlock()
	if time.Since(t.openedAt) < time.Second {
		return
	}
	t.openedAt = time.Now()
	ctx, cancel := context.WithTimeout(ctx, try)
	defer cancel()
	if t.openLog(ctx) == nil {
		_, _ = t.directory(ctx) // the next one tries again
	}
}
