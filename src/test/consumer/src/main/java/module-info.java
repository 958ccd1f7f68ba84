/** A module that uses Garut; on the class path no one looks at this file. */
module example {
  requires io.garut.transformer; // and with it io.garut.tensor; the backend is found at run time
}
