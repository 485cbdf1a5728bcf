#include "clients/cli/api_bytes.h"

// The assembler puts the file into the program; C++ has no #embed yet.
asm(R"(
  .section .rodata
  .balign 16
  .global voxctl_api_begin
  voxctl_api_begin:
  .incbin ")" VOXCTL_API_FILE R"("
  .global voxctl_api_end
  voxctl_api_end:
  .byte 0
  .text
)");

extern "C" {
extern const char voxctl_api_begin[];
extern const char voxctl_api_end[];
}

namespace voxctl {

std::string_view ApiBytes() {
  return {voxctl_api_begin, static_cast<size_t>(voxctl_api_end - voxctl_api_begin)};
}

}  // namespace voxctl
