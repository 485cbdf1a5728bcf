#include "daemon/service/method_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/service/methods.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// Plain functions over Message for the typed ones, so that the table can hold them all.
template <typename Request, typename Response,
          absl::Status (*kFunction)(Services&, CallContext&, const Request&, Response*)>
absl::Status CallUnary(Services& services, CallContext& context, const Message& request,
                       Message* response) {
  return kFunction(services, context, static_cast<const Request&>(request),
                   static_cast<Response*>(response));
}

template <typename Request, absl::StatusOr<std::unique_ptr<ServerStream>> (*kFunction)(
                                Services&, CallContext&, const Request&)>
absl::StatusOr<std::unique_ptr<ServerStream>> CallOpen(Services& services, CallContext& context,
                                                       const Message& request) {
  return kFunction(services, context, static_cast<const Request&>(request));
}

template <typename Request, bool (*kFunction)(const Request&)>
bool CallCheap(const Message& request) {
  return kFunction(static_cast<const Request&>(request));
}

template <typename Request>
std::string_view CallProject(const Message& request) {
  return static_cast<const Request&>(request).project();
}

template <typename Request>
bool Always(const Request&) {
  return true;
}

// "ApplyEdits" -> "apply_edits".
std::string SnakeCase(const std::string& camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(c) && !snake.empty()) snake += '_';
    snake += absl::ascii_tolower(c);
  }
  return snake;
}

Method Describe(const std::string& service, const std::string& rpc, Access access, Cost cost) {
  Method method;
  method.descriptor = DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("voxeld.v1.", service, ".", rpc));
  VOXEL_CHECK(method.descriptor != nullptr);
  const std::string group = service.substr(0, service.size() - std::string("Service").size());
  method.name = absl::StrCat(SnakeCase(group), ".", SnakeCase(rpc));
  method.grpc_path = absl::StrCat("/voxeld.v1.", service, "/", rpc);
  method.request =
      MessageFactory::generated_factory()->GetPrototype(method.descriptor->input_type());
  method.response =
      MessageFactory::generated_factory()->GetPrototype(method.descriptor->output_type());
  method.access = access;
  method.cost = cost;
  return method;
}

// Writes that change an existing project run on its strand; create and clone make a new one.
const google::protobuf::FieldDescriptor* StrandField(const Method& method) {
  if (!Writes(method.access) || method.name == "project.create" || method.name == "project.clone") {
    return nullptr;
  }
  return method.descriptor->input_type()->FindFieldByName("project");
}

// What looks at files opens no project: that may be what is wrong with it.
template <typename Request>
void SetProject(Method& method) {
  if constexpr (requires(const Request& request) { request.project(); }) {
    if (!method.name.starts_with("admin.")) method.project = &CallProject<Request>;
  }
}

std::vector<Method> AllMethods() {
  std::vector<Method> methods;
#define VOXELD_UNARY(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST, CHEAP) \
  methods.push_back(Describe(#SERVICE, #RPC, Access::ACCESS, Cost::COST));           \
  methods.back().run = &CallUnary<v1::REQUEST, v1::RESPONSE, &FUNCTION>;             \
  methods.back().cheap = &CallCheap<v1::REQUEST, &CHEAP>;                            \
  methods.back().strand_field = StrandField(methods.back());                         \
  SetProject<v1::REQUEST>(methods.back());
#define VOXELD_SERVER_STREAM(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST) \
  methods.push_back(Describe(#SERVICE, #RPC, Access::ACCESS, Cost::COST));            \
  methods.back().run = &CallOpen<v1::REQUEST, &FUNCTION>;                             \
  SetProject<v1::REQUEST>(methods.back());
#define VOXELD_CLIENT_STREAM(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST) \
  methods.push_back(Describe(#SERVICE, #RPC, Access::ACCESS, Cost::COST));            \
  methods.back().run = &FUNCTION;
#include "daemon/service/method_table.inc"
#undef VOXELD_UNARY
#undef VOXELD_SERVER_STREAM
#undef VOXELD_CLIENT_STREAM
  for (size_t i = 0; i < methods.size(); ++i) methods[i].index = i;
  return methods;
}

std::vector<std::string> NamesOf(const std::vector<Method>& methods, std::string Method::*name) {
  std::vector<std::string> names;
  names.reserve(methods.size());
  for (const Method& method : methods) names.push_back(method.*name);
  return names;
}

}  // namespace

MethodTable::MethodTable()
    : methods_(AllMethods()),
      by_name_(NamesOf(methods_, &Method::name)),
      by_path_(NamesOf(methods_, &Method::grpc_path)) {}

}  // namespace voxeld
