package voxeld

import (
	"github.com/voxeld/voxeld/clients/go/voxeldv1"
	"google.golang.org/grpc/status"
)

// Info returns the machine-readable side of an error that a call returned, or nil if it has none.
func Info(err error) *voxeldv1.ErrorInfo {
	s, ok := status.FromError(err)
	if !ok {
		return nil
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*voxeldv1.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// Reason returns the stable reason of an error ("LAYER_NOT_FOUND"), or "".
func Reason(err error) string { return Info(err).GetReason() }

// Field returns the path of the argument at fault ("edits[3].box.min"), or "".
func Field(err error) string { return Info(err).GetField() }

// IsConflict says whether somebody else's change came first: read again, then retry.
func IsConflict(err error) bool {
	reason := Reason(err)
	return reason == "REVISION_MISMATCH" || reason == "BOX_CHANGED"
}
