// Package voxeld is the Go client of the voxeld voxel-editing daemon: generated stubs (package voxeldv1), a Dial that knows
// where the daemon is, errors with their reasons, and helpers for files, regions and streams.
//
//	client, err := voxeld.Dial(ctx, "")
//	_, err = client.Projects.Create(ctx, &voxeldv1.CreateProjectRequest{Project: "castle"})
package voxeld

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/voxeld/voxeld/clients/go/voxeldv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// A daemon that is started again is there at once.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// Client is a connection with the stub of every group. It may be used from several goroutines.
type Client struct {
	Conn       *grpc.ClientConn
	Projects   voxeldv1.ProjectServiceClient
	Layers     voxeldv1.LayerServiceClient
	Voxels     voxeldv1.VoxelServiceClient
	Selections voxeldv1.SelectionServiceClient
	History    voxeldv1.HistoryServiceClient
	Inspect    voxeldv1.InspectServiceClient
	Palette    voxeldv1.PaletteServiceClient
	Scene      voxeldv1.SceneServiceClient
	Render     voxeldv1.RenderServiceClient
	Transfer   voxeldv1.TransferServiceClient
	Admin      voxeldv1.AdminServiceClient
}

// Target says where the daemon is: the given target, $VOXELD_SOCKET, the user's socket, or root's. A path becomes a Unix
// socket's target; "host:port" and anything with a scheme stay as they are.
func Target(target string) string {
	if target == "" {
		target = os.Getenv("VOXELD_SOCKET")
	}
	if target == "" {
		if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" {
			target = runtime + "/voxeld/voxeld.sock"
		} else {
			target = "/run/voxeld/voxeld.sock"
		}
	}
	if strings.Contains(target, "/") && !strings.Contains(target, ":") {
		return "unix:" + target
	}
	return target
}

// Dial connects, and returns once the daemon answers or the context ends. Options are added to the defaults; WithRetry is
// one for programs that outlive a daemon.
func Dial(ctx context.Context, target string, options ...grpc.DialOption) (*Client, error) {
	return dial(ctx, target, append([]grpc.DialOption{grpc.WithInsecure()}, options...))
}

func dial(ctx context.Context, target string, options []grpc.DialOption) (*Client, error) {
	all := append([]grpc.DialOption{
		grpc.WithBlock(),
		grpc.FailOnNonTempDialError(true),
		grpc.WithConnectParams(reconnect),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30)),
	}, options...)
	conn, err := grpc.DialContext(ctx, Target(target), all...)
	if err != nil {
		return nil, err
	}
	return &Client{
		Conn:       conn,
		Projects:   voxeldv1.NewProjectServiceClient(conn),
		Layers:     voxeldv1.NewLayerServiceClient(conn),
		Voxels:     voxeldv1.NewVoxelServiceClient(conn),
		Selections: voxeldv1.NewSelectionServiceClient(conn),
		History:    voxeldv1.NewHistoryServiceClient(conn),
		Inspect:    voxeldv1.NewInspectServiceClient(conn),
		Palette:    voxeldv1.NewPaletteServiceClient(conn),
		Scene:      voxeldv1.NewSceneServiceClient(conn),
		Render:     voxeldv1.NewRenderServiceClient(conn),
		Transfer:   voxeldv1.NewTransferServiceClient(conn),
		Admin:      voxeldv1.NewAdminServiceClient(conn),
	}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.Conn.Close() }
