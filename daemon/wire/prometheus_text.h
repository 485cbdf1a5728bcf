// Statistics in Prometheus' text format, as GET /metrics answers them. docs/metrics.md lists the
// names.
//
// Threading: plain functions.
// Source:    prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4.
#pragma once

#include <string>
#include <string_view>

#include "voxeld/v1/admin.pb.h"

namespace voxeld {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// Appends all of `stats`; the lines of one metric stand together.
void AppendPrometheus(const v1::StatsResponse& stats, std::string* out);

}  // namespace voxeld
