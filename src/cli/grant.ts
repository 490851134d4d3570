import { fail, ok, type Result } from '../base/result.ts';
import type { Permission, Recipe } from '../recipe/recipe.ts';

/** The word that grants a permission on the command line: `memory`, `capability=SYS_PTRACE`, `device=/dev/kvm`. */
export function grantWord(permission: Permission): string {
  switch (permission.name) {
    case 'memory':
      return 'memory';
    case 'capability':
      return `capability=${permission.capability}`;
    case 'device':
      return `device=${permission.path}`;
    default:
      return permission satisfies never;
  }
}

/** Refuses a recipe that asks for more than the person on the command line granted by name. */
export function checkGrants(recipe: Recipe, granted: readonly string[]): Result<void> {
  const refused = recipe.permissions.map(grantWord).filter((word) => !granted.includes(word));
  if (refused.length === 0) return ok();
  return fail({
    kind: 'permission',
    reason: 'not-granted',
    message: `${recipe.name} asks for what was not granted: ${refused.join(', ')}`,
    next: `Read the recipe; if you trust it, run the command again with ${refused.map((word) => `--grant ${word}`).join(' ')}.`,
  });
}
