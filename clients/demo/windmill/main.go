// The demo's Go client (gRPC): a windmill on the western hill.
//
//	windmill PROJECT        (the daemon is at $VOXELD_SOCKET)
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	voxeld "github.com/voxeld/voxeld/clients/go"
	"github.com/voxeld/voxeld/clients/go/voxeldv1"
)

const (
	layer = "windmill"
	x, y  = -34, 26 // the hill's top is at z = 13
	base  = 8
	hub   = 36
)

func box(x0, y0, z0, x1, y1, z1 int32) *voxeldv1.Box {
	return voxeld.Box{Min: voxeld.Position{x0, y0, z0}, Max: voxeld.Position{x1, y1, z1}}.Proto()
}

func cylinder(r, bottom, top int32, color string) *voxeldv1.Edit {
	shape := &voxeldv1.Cylinder{Box: box(x-r, y-r, bottom, x+r, y+r, top), Color: color}
	return &voxeldv1.Edit{Layer: layer, Op: &voxeldv1.Edit_Cylinder{Cylinder: shape}}
}

func fill(b *voxeldv1.Box, color string) *voxeldv1.Edit {
	return &voxeldv1.Edit{Layer: layer, Op: &voxeldv1.Edit_Box{Box: &voxeldv1.FillBox{Box: b, Color: color}}}
}

func line(color string, points ...int32) *voxeldv1.Edit {
	shape := &voxeldv1.Line{Points: points, Color: color}
	return &voxeldv1.Edit{Layer: layer, Op: &voxeldv1.Edit_Line{Line: shape}}
}

// house is the tapered body with its cap, door and windows.
func house() []*voxeldv1.Edit {
	cap := &voxeldv1.Cone{Box: box(x-6, y-6, 38, x+6, y+6, 47), Color: "#8c3b2a"}
	return []*voxeldv1.Edit{
		cylinder(8, base, 18, "#9a8f83"),
		cylinder(7, 18, 25, "#efe6d2"),
		cylinder(6, 25, 32, "#f4ecda"),
		cylinder(5, 32, 38, "#efe6d2"),
		{Layer: layer, Op: &voxeldv1.Edit_Cone{Cone: cap}},
		fill(box(x-2, y-8, base, x+2, y-6, 18), "#4a2f1c"),
		fill(box(x-1, y-7, 21, x+1, y-6, 24), "#ffd97a"),
		fill(box(x+6, y-1, 21, x+7, y+1, 24), "#ffd97a"),
		fill(box(x+4, y-1, 33, x+5, y+1, 35), "#ffd97a"),
	}
}

// sails are four lattices around the hub.
func sails() []*voxeldv1.Edit {
	const front = y - 8
	edits := []*voxeldv1.Edit{fill(box(x-1, front, hub-1, x+1, y-4, hub+1), "#5a4030")}
	for _, d := range [][2]int32{{1, 1}, {-1, 1}, {-1, -1}, {1, -1}} {
		dx, dz := d[0], d[1]
		edits = append(edits, line("#5a4030", x, front, hub, x+13*dx, front, hub+13*dz))
		for i := int32(3); i <= 13; i++ { // cloth on one side of each spar
			edits = append(edits, line("#fbf7ee", x+(i-1)*dx, front, hub+i*dz, x+(i-3)*dx, front, hub+(i+2)*dz))
		}
	}
	return edits
}

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := voxeld.Dial(ctx, "", voxeld.WithRetry()...) // it outlives the daemon
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	project := os.Args[1]
	_, err = client.Layers.Create(ctx, &voxeldv1.CreateLayerRequest{
		Project: project, Layer: &voxeldv1.Layer{Layer: layer, Title: layer},
		Write: &voxeldv1.Write{Actor: "go", Comment: "a layer for the windmill"},
	})
	if err != nil {
		log.Fatal(err)
	}
	steps := []struct {
		edits   []*voxeldv1.Edit
		comment string
	}{{house(), "the mill's house"}, {sails(), "four sails"}}
	for _, step := range steps {
		response, err := client.Voxels.ApplyEdits(ctx, &voxeldv1.ApplyEditsRequest{
			Project: project, Edits: step.edits,
			Write: &voxeldv1.Write{Actor: "go", Comment: step.comment},
		})
		if err != nil {
			log.Fatalf("%s (%s): %v", voxeld.Reason(err), voxeld.Field(err), err)
		}
		fmt.Printf("revision %d: %d voxels\n", response.Change.Revision, response.Change.VoxelsChanged)
	}
}
