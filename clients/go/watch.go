package voxeld

import (
	"context"
	"fmt"
	"time"

	"github.com/voxeld/voxeld/clients/go/voxeldv1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	watchMarks    = 10 * time.Second // marks are asked for; the first one says where the watch begins
	watchRetryFor = time.Minute
	watchPause    = 200 * time.Millisecond
)

// Watch calls next for every durable revision after `after` (0: after the latest), once and in order, until next returns
// an error, which Watch returns, or the context ends. Lost connections, a daemon that starts anew and WATCH_TOO_SLOW are
// gone through; Watch gives up when the daemon is away for a minute, and when the revisions that come next cannot be had
// any more (REVISION_DROPPED, REVISION_UNKNOWN, PROJECT_NOT_FOUND).
func (c *Client) Watch(ctx context.Context, project string, after int64, next func(*voxeldv1.WatchResponse) error) error {
	request := &voxeldv1.WatchRequest{
		Project: project, AfterRevision: after, ProgressMs: uint32(watchMarks / time.Millisecond)}
	w := &watch{client: c, request: request, position: after, next: next}
	for {
		err := w.run(ctx)
		if w.ended || !passing(err) || ctx.Err() != nil {
			return err
		}
		if w.failingSince.IsZero() {
			w.failingSince = time.Now()
		} else if time.Since(w.failingSince) > watchRetryFor {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(watchPause):
		}
	}
}

// watch is one watch over as many connections as it takes.
type watch struct {
	client       *Client
	request      *voxeldv1.WatchRequest
	position     int64 // 0: not known yet
	next         func(*voxeldv1.WatchResponse) error
	ended        bool // by next, or by a broken sequence
	failingSince time.Time
}

// run follows over one connection, until that ends.
func (w *watch) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := w.client.History.Watch(ctx, w.request)
	if err != nil {
		return err
	}
	for {
		item, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := w.take(item); err != nil {
			w.ended = true
			return err
		}
	}
}

func (w *watch) take(item *voxeldv1.WatchResponse) error {
	if w.position != 0 && item.PreviousRevision != w.position {
		return fmt.Errorf("revision %d follows %d, but %d was the last one", item.Revision, item.PreviousRevision, w.position)
	}
	w.position = item.Revision
	w.request.AfterRevision, w.request.ResumeToken = 0, item.ResumeToken
	w.failingSince = time.Time{}
	if item.Progress {
		return nil
	}
	return w.next(item)
}

// passing says whether a watch that ended so may go on where it was.
func passing(err error) bool {
	switch Reason(err) {
	case "WATCH_TOO_SLOW", "SHUTTING_DOWN", "OVERLOADED", "LIMIT_STREAMS":
		return true
	case "":
		code := status.Code(err)
		// A daemon that ends while a call comes in cancels it; the caller's own end was looked at before.
		return code == codes.Unavailable || code == codes.Internal || code == codes.Unknown || code == codes.Canceled
	}
	return false
}
