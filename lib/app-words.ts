import { asWritten, type Words } from './core/base/words';

/** Props as they are written in the language of the app, which jsii reveals. */
export const appWords: Words = (option, value) => {
  switch (/^(Python|Java|DotNet|go)/i.exec(process.env.JSII_AGENT ?? '')?.[1].toLowerCase()) {
    case 'python': {
      const name = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return value === undefined ? name : `${name}=${value}`;
    }
    case 'java': return value === undefined ? option : `${option}(${value.replace(/^\[(.*)\]$/, 'List.of($1)')})`;
    case 'go': return value === undefined ? capitalize(option) : `${capitalize(option)}: ${goList(value)}`;
    case 'dotnet': {
      const array = value?.replace(/^\[(.*)\]$/, 'new [] { $1 }');
      return array === undefined ? capitalize(option) : `${capitalize(option)} = ${array}`;
    }
    default: return asWritten(option, value);
  }
};

function goList(value: string): string {
  return value.replace(/^\[(".*")\]$/, 'jsii.Strings($1)').replace(/^\[(\w+)\.(\w+)\]$/, '&[]$1{$1_$2}');
}

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
