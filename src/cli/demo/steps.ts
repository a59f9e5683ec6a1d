import type { ListrTask } from 'listr2';
import { PAGE_CHECKS } from './checks.ts';
import { DEPLOY_STEPS, type Deployment } from './deployment.ts';
import { ISOLATION_CHECK } from './isolation-check.ts';
import { pushImage } from './registry.ts';
import type { DemoServer } from './server.ts';
import { waitForSteadyState } from './service.ts';
import { type Session, must } from './session.ts';
import { type SiteImage, buildSiteImage } from './site-image.ts';
import { deleteResources } from './teardown.ts';

/** What the steps hand on to each other. */
export interface Walk {
  server?: DemoServer;
  session?: Session;
  siteImage?: SiteImage;
  deployment?: Partial<Deployment>;
}

type Step = ListrTask<Walk>;

const sessionOf = (walk: Walk) => must(walk.session, 'a session');
/** Only steps that come after those which made its parts look at them. */
export const deploymentOf = (walk: Walk) => must(walk.deployment, 'a deployment') as Deployment;

export const buildStep = (signal: AbortSignal): Step => ({
  title: 'Build the site and its image',
  task: async (walk, task) => {
    walk.siteImage = await buildSiteImage((line) => (task.output = line), signal);
  },
});

export const pushStep: Step = {
  title: 'Push it to the private registry',
  task: async (walk, task) => {
    const siteImage = must(walk.siteImage, 'an image');
    walk.deployment = { image: await pushImage(sessionOf(walk), siteImage, (line) => (task.output = line)) };
  },
};

export const deployStep: Step = {
  title: 'Deploy it through the AWS API',
  task: (_walk, parent) =>
    parent.newListr(
      DEPLOY_STEPS.map((step) => ({
        title: step.title,
        task: async (walk: Walk) => {
          const made = await step.run(sessionOf(walk), deploymentOf(walk));
          walk.deployment = { ...walk.deployment, ...made };
        },
      })),
    ),
};

export const steadyStep: Step = {
  title: 'Wait until the service is steady',
  task: (walk, task) =>
    waitForSteadyState(sessionOf(walk), deploymentOf(walk).targetGroupArn, (line) => {
      if (task.output !== line) task.output = line;
    }),
};

export const checkStep: Step = {
  title: 'Check',
  task: (_walk, parent) =>
    parent.newListr(
      [...PAGE_CHECKS, ISOLATION_CHECK].map((check) => ({
        title: check.title,
        task: async (walk: Walk, task: { title: string }) => {
          task.title = `${check.title}: ${await check.see(sessionOf(walk))}`;
        },
      })),
      { exitOnError: true },
    ),
};

export const deleteStep: Step = {
  title: 'Delete it all through the AWS API',
  task: (walk, task) => deleteResources(sessionOf(walk), (line) => (task.output = line)),
};
