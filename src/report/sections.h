// The parts of the run report's page, each "" where the report lacks its data.
#pragma once

#include <string>

#include "report/run_report.h"

namespace dsode::report {

// headline.cc: title, figures before and after, one sentence.
std::string headline_html(const RunReport& report);
// The sentence alone, plain text.
std::string plain_words(const Headline& headline);

// evidence.cc
std::string samples_html(const RunReport& report);
std::string curves_html(const RunReport& report);
std::string candidates_html(const RunReport& report);
std::string classes_html(const RunReport& report);
std::string confusions_html(const RunReport& report);
std::string features_html(const RunReport& report);
std::string sizes_html(const RunReport& report);

// background.cc: how the figures came about.
std::string extra_sections_html(const RunReport& report);
std::string background_html(const RunReport& report);

// 1234567 -> "1,234,567"
std::string grouped(int64_t value);
// One decimal, "–" where there is none.
std::string decimal(std::optional<double> value);

}  // namespace dsode::report
