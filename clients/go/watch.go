package voxeld

import (
	"context"
	"io"

	"github.com/voxeld/voxeld/clients/go/voxeldv1"
)

// Watch calls next for every revision after `after` (0: after the latest), as it is published, until next returns an
// error, which Watch returns, or the context ends.
func (c *Client) Watch(ctx context.Context, project string, after int64, next func(*voxeldv1.WatchResponse) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.History.Watch(ctx, &voxeldv1.WatchRequest{Project: project, AfterRevision: after})
	if err != nil {
		return err
	}
	for {
		item, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := next(item); err != nil {
			return err
		}
	}
}
