package voxeld_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	voxeld "github.com/voxeld/voxeld/clients/go"
	"github.com/voxeld/voxeld/clients/go/voxeldv1"
)

// The tests talk to the daemon at $VOXELD_SOCKET; tests/clients starts one.
func dial(t testing.TB) (context.Context, *voxeld.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	client, err := voxeld.Dial(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); cancel() })
	return ctx, client
}

func create(t testing.TB, ctx context.Context, client *voxeld.Client, project string) {
	t.Helper()
	if _, err := client.Projects.Create(ctx, &voxeldv1.CreateProjectRequest{Project: project}); err != nil {
		t.Fatal(err)
	}
}

func fill(ctx context.Context, client *voxeld.Client, project string, box voxeld.Box, color string) (*voxeldv1.Change, error) {
	edit := &voxeldv1.Edit{Op: &voxeldv1.Edit_Box{Box: &voxeldv1.FillBox{Box: box.Proto(), Color: color}}}
	response, err := client.Voxels.ApplyEdits(ctx, &voxeldv1.ApplyEditsRequest{
		Project: project, Edits: []*voxeldv1.Edit{edit},
	})
	return response.GetChange(), err
}

func Example() {
	ctx := context.Background()
	client, err := voxeld.Dial(ctx, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	if _, err := client.Projects.Create(ctx, &voxeldv1.CreateProjectRequest{Project: "go-example"}); err != nil {
		fmt.Println(err)
		return
	}
	change, err := fill(ctx, client, "go-example", voxeld.Box{Max: voxeld.Position{10, 10, 10}}, "#c33")
	fmt.Println(change.GetVoxelsChanged(), err)
	// Output: 1000 <nil>
}

func TestAnEditIsReadBack(t *testing.T) {
	ctx, client := dial(t)
	create(t, ctx, client, "go-read")
	box := voxeld.Box{Min: voxeld.Position{-5, 60, -1}, Max: voxeld.Position{70, 70, 3}}
	if _, err := fill(ctx, client, "go-read", box, "#123456"); err != nil {
		t.Fatal(err)
	}
	wider := voxeld.Box{Min: voxeld.Position{-6, 59, -2}, Max: voxeld.Position{71, 71, 4}}
	region, err := client.ReadRegion(ctx, "go-read", "", wider, 0)
	if err != nil {
		t.Fatal(err)
	}
	for z := wider.Min[2]; z < wider.Max[2]; z++ {
		for y := wider.Min[1]; y < wider.Max[1]; y++ {
			for x := wider.Min[0]; x < wider.Max[0]; x++ {
				inside := x >= -5 && x < 70 && y >= 60 && y < 70 && z >= -1 && z < 3
				want := uint32(0)
				if inside {
					want = 0x123456FF
				}
				if got := *region.At(voxeld.Position{x, y, z}); got != want {
					t.Fatalf("voxel %d,%d,%d is %08x, want %08x", x, y, z, got, want)
				}
			}
		}
	}
}

func TestErrorsCarryReasonAndField(t *testing.T) {
	ctx, client := dial(t)
	create(t, ctx, client, "go-errors")
	_, err := fill(ctx, client, "go-errors", voxeld.Box{Max: voxeld.Position{1, 1, 1}}, "blue-ish")
	if voxeld.Reason(err) != "INVALID_COLOR" || voxeld.Field(err) != "edits[0].box.color" {
		t.Fatalf("reason %q, field %q of %v", voxeld.Reason(err), voxeld.Field(err), err)
	}
	_, err = client.Voxels.ApplyEdits(ctx, &voxeldv1.ApplyEditsRequest{
		Project: "go-errors",
		Edits:   []*voxeldv1.Edit{{Op: &voxeldv1.Edit_Clear{Clear: &voxeldv1.ClearBox{}}}},
		Write:   &voxeldv1.Write{ExpectedRevision: 99},
	})
	if !voxeld.IsConflict(err) {
		t.Fatalf("a stale expected_revision gave %v", err)
	}
}

func TestFilesGoOutAndComeBack(t *testing.T) {
	ctx, client := dial(t)
	create(t, ctx, client, "go-files")
	if _, err := fill(ctx, client, "go-files", voxeld.Box{Max: voxeld.Position{3, 4, 5}}, "#c33"); err != nil {
		t.Fatal(err)
	}
	files, err := client.Export(ctx, &voxeldv1.ExportRequest{Project: "go-files", Format: "vox"})
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	imported, err := client.Import(ctx, &voxeldv1.ImportHeader{Project: "go-files-2", Create: true},
		bytes.NewReader(files[0].Data))
	if err != nil || imported.Change.VoxelsChanged != 60 {
		t.Fatalf("%v, %v", imported, err)
	}
	files, err = client.Export(ctx, &voxeldv1.ExportRequest{Project: "go-files", Format: "obj", Name: "house"})
	if err != nil || len(files) != 2 || files[0].Name != "house.obj" || files[1].Name != "house.mtl" {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if !bytes.Contains(files[0].Data, []byte("mtllib house.mtl\n")) {
		t.Fatalf("%.80s", files[0].Data)
	}
}

func TestAWatchSeesEveryRevision(t *testing.T) {
	ctx, client := dial(t)
	create(t, ctx, client, "go-watch")
	const edits = 5
	go func() {
		for i := int32(0); i < edits; i++ {
			box := voxeld.Box{Min: voxeld.Position{i, 0, 0}, Max: voxeld.Position{i + 1, 1, 1}}
			if _, err := fill(ctx, client, "go-watch", box, "#fff"); err != nil {
				t.Error(err)
			}
		}
	}()
	enough := errors.New("enough")
	last := int64(1)
	err := client.Watch(ctx, "go-watch", 1, func(item *voxeldv1.WatchResponse) error {
		if item.PreviousRevision != last {
			t.Errorf("revision %d follows %d, not %d", item.Revision, item.PreviousRevision, last)
		}
		if last = item.Revision; last == 1+edits {
			return enough
		}
		return nil
	})
	if err != enough {
		t.Fatal(err)
	}
}

func TestDialFailsFastWithoutADaemon(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	start := time.Now()
	if _, err := voxeld.Dial(ctx, os.TempDir()+"/no-such-voxeld.sock"); err == nil {
		t.Fatal("dialled a socket that does not exist")
	}
	if time.Since(start) > 4*time.Second {
		t.Fatal("it took until the context ended")
	}
}
