package voxeld

import (
	"context"
	"crypto/tls"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// DialTLS connects to a daemon's TCP address ("host:port") over TLS; see docs/security.md. config says which authorities are
// trusted, and which certificate is shown if the daemon asks for one. token is the bearer token that every call shows; empty:
// none. Else as Dial.
func DialTLS(ctx context.Context, target string, config *tls.Config, token string, options ...grpc.DialOption) (*Client, error) {
	all := []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(config))}
	if token != "" {
		all = append(all, grpc.WithPerRPCCredentials(bearer(token)))
	}
	return dial(ctx, target, append(all, options...))
}

// bearer shows a token with every call, and never without TLS.
type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }
