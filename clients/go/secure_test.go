package voxeld_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
	"time"

	voxeld "github.com/voxeld/voxeld/clients/go"
	"github.com/voxeld/voxeld/clients/go/voxeldv1"
	"google.golang.org/grpc"
)

// secure is a client of the daemon at $VOXELD_TLS_TARGET, which the folder $VOXELD_TLS_FILES has certificates for:
// tests/clients starts one.
func secure(t *testing.T, certificates []tls.Certificate, token string) (context.Context, *voxeld.Client, error) {
	t.Helper()
	target, files := os.Getenv("VOXELD_TLS_TARGET"), os.Getenv("VOXELD_TLS_FILES")
	if target == "" {
		t.Skip("no daemon with TLS")
	}
	authority, err := os.ReadFile(files + "/ca.crt")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatal("ca.crt holds no certificate")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", Certificates: certificates}
	client, err := voxeld.DialTLS(ctx, target, config, token, grpc.FailOnNonTempDialError(false), grpc.WithReturnConnectionError())
	if err == nil {
		t.Cleanup(func() { client.Close() })
	}
	return ctx, client, err
}

func own(t *testing.T) []tls.Certificate {
	t.Helper()
	files := os.Getenv("VOXELD_TLS_FILES")
	if files == "" {
		t.Skip("no daemon with TLS")
	}
	certificate, err := tls.LoadX509KeyPair(files+"/client.crt", files+"/client.key")
	if err != nil {
		t.Fatal(err)
	}
	return []tls.Certificate{certificate}
}

func TestCallsGoOverTLSWithACertificate(t *testing.T) {
	ctx, client, err := secure(t, own(t), os.Getenv("VOXELD_TLS_TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	create(t, ctx, client, "over-tls")
	if _, err := fill(ctx, client, "over-tls", voxeld.Box{Max: voxeld.Position{2, 2, 2}}, "#c33"); err != nil {
		t.Fatal(err)
	}
}

func TestATokenIsShownWithEveryCall(t *testing.T) {
	if os.Getenv("VOXELD_TLS_TOKEN") == "" {
		t.Skip("no daemon with tokens")
	}
	ctx, client, err := secure(t, nil, os.Getenv("VOXELD_TLS_TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	create(t, ctx, client, "by-token")
	if _, err := fill(ctx, client, "by-token", voxeld.Box{Max: voxeld.Position{2, 2, 2}}, "#c33"); err != nil {
		t.Fatal(err)
	}
	for token, reason := range map[string]string{"": "TOKEN_REQUIRED", strings.Repeat("x", 40): "TOKEN_UNKNOWN"} {
		ctx, stranger, err := secure(t, nil, token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = stranger.Admin.Ping(ctx, &voxeldv1.PingRequest{}); voxeld.Reason(err) != reason {
			t.Errorf("with the token %q: %v, want %s", token, err, reason)
		}
	}
}

func TestACallWithoutCertificateIsRefused(t *testing.T) {
	ctx, client, err := secure(t, nil, os.Getenv("VOXELD_TLS_TOKEN"))
	if err != nil {
		return // while it connected
	}
	// TLS 1.3 tells a client only afterwards.
	if _, err = client.Admin.Ping(ctx, &voxeldv1.PingRequest{}); err == nil {
		t.Fatal("answered")
	}
}
