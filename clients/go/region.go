package voxeld

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/voxeld/voxeld/clients/go/voxeldv1"
)

// Position is a voxel's place: x, y, z.
type Position [3]int32

// Box is half-open: Min is inside, Max just outside.
type Box struct{ Min, Max Position }

// Proto returns the box as a message.
func (b Box) Proto() *voxeldv1.Box { return &voxeldv1.Box{Min: b.Min[:], Max: b.Max[:]} }

// Region is a dense box of colours, 0xRRGGBBAA, x fastest, then y, then z.
type Region struct {
	Box    Box
	Voxels []uint32
}

// NewRegion makes an empty region.
func NewRegion(box Box) *Region {
	n := 1
	for axis := range box.Min {
		n *= int(box.Max[axis] - box.Min[axis])
	}
	return &Region{Box: box, Voxels: make([]uint32, n)}
}

// At returns the place of a voxel's colour. The position must be inside the box.
func (r *Region) At(p Position) *uint32 { return &r.Voxels[r.index(p)] }

func (r *Region) index(p Position) int {
	width, depth := int(r.Box.Max[0]-r.Box.Min[0]), int(r.Box.Max[1]-r.Box.Min[1])
	return int(p[0]-r.Box.Min[0]) + width*(int(p[1]-r.Box.Min[1])+depth*int(p[2]-r.Box.Min[2]))
}

func (r *Region) add(block *voxeldv1.Block) error {
	min, max := block.GetBox().GetMin(), block.GetBox().GetMax()
	if len(min) != 3 || len(max) != 3 {
		return errors.New("voxeld: a block without a box")
	}
	i := 0
	for z := min[2]; z < max[2]; z++ {
		for y := min[1]; y < max[1]; y++ {
			for x := min[0]; x < max[0]; x, i = x+1, i+1 {
				*r.At(Position{x, y, z}) = colorOf(block, i)
			}
		}
	}
	return nil
}

func colorOf(block *voxeldv1.Block, i int) uint32 {
	switch {
	case block.Uniform:
		return block.Value
	case block.Encoding == voxeldv1.Encoding_ENCODING_PALETTE:
		return block.Palette[block.Data[i]]
	default:
		return binary.LittleEndian.Uint32(block.Data[4*i:])
	}
}

// ReadRegion reads a box of a layer; of the visible composite if layer is "". Revision 0 is the latest.
func (c *Client) ReadRegion(ctx context.Context, project, layer string, box Box, revision int64) (*Region, error) {
	stream, err := c.Voxels.ReadRegion(ctx, &voxeldv1.ReadRegionRequest{
		Project: project, Layer: layer, Box: box.Proto(), Revision: revision, SkipEmpty: true,
		Accept: []voxeldv1.Encoding{voxeldv1.Encoding_ENCODING_PALETTE},
	})
	if err != nil {
		return nil, err
	}
	region := NewRegion(box)
	for {
		part, err := stream.Recv()
		if err == io.EOF {
			return region, nil
		}
		if err != nil {
			return nil, err
		}
		if err := region.add(part.Block); err != nil {
			return nil, err
		}
	}
}
