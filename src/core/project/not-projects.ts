/** In a module of its own: who only watches for new projects needs no parser of what is in them. */

/** What shows, tests, describes, copies or makes a project is none: at any depth. */
export const NOT_PROJECTS =
  /^(?:\..*|.*[{}].*|.*\.egg-info|tests?|testing|test[-_]?(?:data|project|projects|app|apps|packages|suite)|fixtures?|docs?|documentation|examples?|samples?|demos?|tutorials?|playground|benchmarks?|perf|vendor|vendored|_vendor|third[-_]?party|external|extern|subprojects|node_modules|site-packages|build|dist|target|out|templates?|cookiecutter.*|copier.*|boilerplates?|scaffold.*|skeletons?|static|media|assets|locale|migrations|__pycache__|venv|env|virtualenv)$/i;
