package voxeld

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const retryPause = 20 * time.Millisecond

// WithRetry are options of Dial for programs that outlive a daemon: Dial waits for one that is not there, and a call that
// was not answered, because the daemon ended or was started again, is sent until it is answered or the call's context
// ends. A mutation gets a request id, so that it is done once however often it was sent; those that make or end a project
// cannot have one, and are sent once. Streams are not sent again.
func WithRetry() []grpc.DialOption {
	return []grpc.DialOption{grpc.FailOnNonTempDialError(false), grpc.WithChainUnaryInterceptor(retry)}
}

func retry(ctx context.Context, method string, request, reply interface{}, conn *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	repeatable := makeRepeatable(method, request)
	if repeatable {
		options = append(options, grpc.WaitForReady(true))
	}
	for {
		err := invoke(ctx, method, request, reply, conn, options...)
		if !repeatable || status.Code(err) != codes.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryPause):
		}
	}
}

// makeRepeatable gives a mutation a request id, and says whether the request may be sent twice.
func makeRepeatable(method string, request interface{}) bool {
	message, ok := request.(proto.Message)
	if !ok {
		return false
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName("write")
	if field == nil {
		return true
	}
	switch method[strings.LastIndex(method, ".")+1:] {
	case "ProjectService/Create", "ProjectService/Clone", "ProjectService/Delete":
		return false
	}
	write := message.ProtoReflect().Mutable(field).Message()
	id := write.Descriptor().Fields().ByName("request_id")
	if write.Get(id).String() == "" {
		write.Set(id, protoreflect.ValueOfString(newRequestID()))
	}
	return true
}

func newRequestID() string {
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err) // the system has no random numbers: nothing would be safe
	}
	return hex.EncodeToString(random[:])
}
