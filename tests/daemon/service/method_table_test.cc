#include "daemon/service/method_table.h"

#include <gtest/gtest.h>

#include <set>

#include "google/protobuf/descriptor.h"
#include "voxeld/v1/admin.pb.h"

namespace voxeld {
namespace {

TEST(MethodTableTest, EveryRpcOfTheApiHasItsLine) {
  const MethodTable table;
  std::set<std::string> listed;
  std::set<const google::protobuf::FileDescriptor*> files;
  for (const Method& method : table.methods()) {
    listed.insert(method.descriptor->full_name());
    files.insert(method.descriptor->file());
  }
  int rpcs = 0;
  for (const auto* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m, ++rpcs) {
        EXPECT_EQ(listed.count(file->service(s)->method(m)->full_name()), 1u);
      }
    }
  }
  EXPECT_EQ(static_cast<size_t>(rpcs), table.methods().size());
}

TEST(MethodTableTest, KindsMatchTheDescriptors) {
  const MethodTable table;
  for (const Method& method : table.methods()) {
    EXPECT_EQ(method.server_stream(), method.descriptor->server_streaming()) << method.name;
    EXPECT_EQ(method.client_stream(), method.descriptor->client_streaming()) << method.name;
    EXPECT_EQ(method.request->GetDescriptor(), method.descriptor->input_type()) << method.name;
    EXPECT_EQ(method.response->GetDescriptor(), method.descriptor->output_type()) << method.name;
  }
}

TEST(MethodTableTest, MethodsAreFoundByBothNames) {
  const MethodTable table;
  const Method* by_name = table.FindByName("voxel.apply_edits");
  ASSERT_NE(by_name, nullptr);
  EXPECT_EQ(table.FindByPath("/voxeld.v1.VoxelService/ApplyEdits"), by_name);
  EXPECT_EQ(table.FindByName("voxel.applyEdits"), nullptr);
  EXPECT_EQ(table.FindByPath("voxeld.v1.VoxelService/ApplyEdits"), nullptr);
}

TEST(MethodTableTest, WritesToOneProjectRunOnItsStrand) {
  const MethodTable table;
  EXPECT_NE(table.FindByName("voxel.set")->strand_field, nullptr);
  EXPECT_EQ(table.FindByName("voxel.get")->strand_field, nullptr);
  EXPECT_EQ(table.FindByName("project.create")->strand_field, nullptr);
  EXPECT_EQ(table.FindByName("project.clone")->strand_field, nullptr);
}

}  // namespace
}  // namespace voxeld
