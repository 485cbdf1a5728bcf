module github.com/voxeld/voxeld/clients/go

go 1.19

require (
	google.golang.org/grpc v1.38.0
	google.golang.org/protobuf v1.28.1
)
