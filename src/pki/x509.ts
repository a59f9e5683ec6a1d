// The library's decorators need the metadata polyfill first, so everyone takes it from here.
import 'reflect-metadata';
export * from '@peculiar/x509';
