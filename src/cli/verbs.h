// One maker a verb, each in the file of its name.
#pragma once

#include "cli/verb.h"

namespace dsode::cli {

std::unique_ptr<Verb> make_info();
std::unique_ptr<Verb> make_data();
std::unique_ptr<Verb> make_train();
std::unique_ptr<Verb> make_adapt();
std::unique_ptr<Verb> make_eval();
std::unique_ptr<Verb> make_predict();
std::unique_ptr<Verb> make_quantize();
std::unique_ptr<Verb> make_export();
std::unique_ptr<Verb> make_compile();
std::unique_ptr<Verb> make_simulate();
std::unique_ptr<Verb> make_synth();
std::unique_ptr<Verb> make_selftest();
std::unique_ptr<Verb> make_bench();
std::unique_ptr<Verb> make_report();
std::unique_ptr<Verb> make_demo();

}  // namespace dsode::cli
