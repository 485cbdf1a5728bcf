package voxeld

import (
	"context"
	"io"

	"github.com/voxeld/voxeld/clients/go/voxeldv1"
)

const partBytes = 1 << 20

// Import sends a file into a project, as the header says.
func (c *Client) Import(ctx context.Context, header *voxeldv1.ImportHeader, file io.Reader) (*voxeldv1.ImportResponse, error) {
	stream, err := c.Transfer.Import(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&voxeldv1.ImportRequest{Part: &voxeldv1.ImportRequest_Header{Header: header}})
	buffer := make([]byte, partBytes)
	for err == nil {
		n, readErr := io.ReadFull(file, buffer)
		if n > 0 {
			part := &voxeldv1.ImportRequest_Data{Data: buffer[:n]}
			err = stream.Send(&voxeldv1.ImportRequest{Part: part})
		}
		if readErr == io.EOF || readErr == io.ErrUnexpectedEOF {
			break
		}
		if readErr != nil {
			return nil, readErr // the stream ends without its last part, so nothing is imported
		}
	}
	if err == nil {
		err = stream.Send(&voxeldv1.ImportRequest{LastPart: true})
	}
	if err != nil && err != io.EOF { // io.EOF: the daemon ended the call; CloseAndRecv says why
		return nil, err
	}
	return stream.CloseAndRecv()
}

// File is an exported file.
type File struct {
	Name string
	Data []byte
}

// Export fetches a project's files, the main one first. Request.Name says what they are called: "house" for house.obj and
// house.mtl.
func (c *Client) Export(ctx context.Context, request *voxeldv1.ExportRequest) ([]File, error) {
	stream, err := c.Transfer.Export(ctx, request)
	if err != nil {
		return nil, err
	}
	var files []File
	var data []byte
	for {
		part, err := stream.Recv()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		data = append(data, part.Data...)
		if part.LastPart {
			files = append(files, File{Name: part.File, Data: data})
			data = nil
		}
	}
}
