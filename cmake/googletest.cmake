# The target googletest: the system's libraries, or for WebAssembly built from the sources that come with them (Debian's
# libgtest-dev and libgmock-dev). Without those sources there are no WebAssembly tests.
if(NOT EMSCRIPTEN)
  find_package(GTest REQUIRED)
  add_library(googletest INTERFACE)
  target_link_libraries(googletest INTERFACE GTest::gmock GTest::gtest GTest::gtest_main)
  return()
endif()

find_path(HALFTONE_GTEST_SOURCE googletest/src/gtest-all.cc PATHS /usr/src/googletest NO_CMAKE_FIND_ROOT_PATH)
if(HALFTONE_GTEST_SOURCE)
  set(gtest ${HALFTONE_GTEST_SOURCE}/googletest)
  set(gmock ${HALFTONE_GTEST_SOURCE}/googlemock)
  add_library(googletest STATIC EXCLUDE_FROM_ALL
    ${gtest}/src/gtest-all.cc ${gtest}/src/gtest_main.cc ${gmock}/src/gmock-all.cc)
  target_include_directories(googletest SYSTEM PUBLIC ${gtest}/include ${gmock}/include)
  target_include_directories(googletest PRIVATE ${gtest} ${gmock})
  # There are no processes to die in: death tests only have to compile.
  target_compile_definitions(googletest PUBLIC GTEST_HAS_PTHREAD=0)
  target_compile_options(googletest INTERFACE
    "-DEXPECT_DEATH(statement,matcher)=EXPECT_DEATH_IF_SUPPORTED(statement,matcher)")
  target_compile_options(googletest PRIVATE -w -fno-exceptions)
  halftone_precompile(tests ${gtest}/include/gtest/gtest.h -O1 -DGTEST_HAS_PTHREAD=0 -isystem ${gtest}/include)
endif()
