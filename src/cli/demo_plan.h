// What the demo does with a pair of sets: which images train, adapt and judge, which model, how long.
#pragma once

#include <optional>
#include <string>

#include "cli/verb.h"

namespace dsode::cli {

struct DemoRequest {
  std::string source, target;
  std::optional<std::string> model;
  std::optional<int> epochs, adapt_epochs;
  int limit = 0;
};

struct DemoPlan {
  std::string source, target;                           // specs for training and adaptation
  std::optional<std::string> source_test, target_test;  // specs of labelled images that neither sees
  Settings model;                                       // options of `train`
  int epochs = 0, adapt_epochs = 0, images_per_epoch = 0;
};

// Throws bad_input where the source has no labels, or the target's classes are not the source's.
DemoPlan make_demo_plan(const DemoRequest& request, const data::LoadOptions& load);

}  // namespace dsode::cli
