#include "cli/verbs.h"

namespace dsode::cli {

std::vector<std::unique_ptr<Verb>> verbs() {
  std::vector<std::unique_ptr<Verb>> all;
  all.push_back(make_info());
#ifdef DSODE_WITH_TORCH
  all.push_back(make_train());
  all.push_back(make_adapt());
  all.push_back(make_eval());
#endif
  return all;
}

}  // namespace dsode::cli
