#include "cli/verbs.h"

namespace dsode::cli {

std::vector<std::unique_ptr<Verb>> verbs() {
  std::vector<std::unique_ptr<Verb>> all;
  all.push_back(make_info());
  all.push_back(make_data());
#ifdef DSODE_WITH_TORCH
  all.push_back(make_train());
  all.push_back(make_adapt());
#endif
  all.push_back(make_eval());
  all.push_back(make_predict());
  all.push_back(make_quantize());
  all.push_back(make_export());
  all.push_back(make_compile());
  all.push_back(make_simulate());
  all.push_back(make_synth());
  all.push_back(make_selftest());
  all.push_back(make_report());
#ifdef DSODE_WITH_TORCH
  all.push_back(make_bench());
  all.push_back(make_demo());
#endif
  return all;
}

}  // namespace dsode::cli
