import type { ListrTask } from 'listr2';
import { CAPACITY } from './capacity.ts';
import { type Check, PAGE_CHECKS } from './checks.ts';
import { DEPLOY_STEPS, type Deployment } from './deployment.ts';
import { ISOLATION_CHECK } from './isolation-check.ts';
import { type PushedImage, pushImage } from './registry.ts';
import { scaleTo } from './scaling.ts';
import type { DemoServer } from './server.ts';
import { waitForSteadyState } from './service.ts';
import { type Session, type SiteSession, must } from './session.ts';
import { EC2_SITE, FARGATE_SITE, type Site } from './site.ts';
import { type SiteImage, buildSiteImage } from './site-image.ts';
import { deleteShared, deleteSite } from './teardown.ts';

/** What the steps hand on to each other. */
export interface Walk {
  server?: DemoServer;
  session?: Session;
  siteImage?: SiteImage;
  image?: PushedImage;
  readonly deployments: Partial<Record<Site['launchType'], Partial<Deployment>>>;
}

type Step = ListrTask<Walk>;

const sessionOf = (walk: Walk, site: Site): SiteSession => ({ ...must(walk.session, 'a session'), site });
/** Only steps that come after those which made its parts look at them. */
export const deploymentOf = (walk: Walk, { launchType }: Site) =>
  must(walk.deployments[launchType], 'a deployment') as Deployment;

const buildStep = (signal: AbortSignal): Step => ({
  title: 'Build the site and its image',
  task: async (walk, task) => {
    walk.siteImage = await buildSiteImage((line) => (task.output = line), signal);
  },
});

const pushStep: Step = {
  title: 'Push it to the private registry',
  task: async (walk, task) => {
    const siteImage = must(walk.siteImage, 'an image');
    walk.image = await pushImage(must(walk.session, 'a session'), siteImage, (line) => (task.output = line));
  },
};

const deployStep = (title: string, site: Site): Step => ({
  title,
  task: (begun, parent) => {
    begun.deployments[site.launchType] = { image: must(begun.image, 'an image') };
    return parent.newListr(
      DEPLOY_STEPS[site.launchType].map((step) => ({
        title: step.title,
        task: async (walk: Walk) => {
          const made = await step.run(sessionOf(walk, site), deploymentOf(walk, site));
          walk.deployments[site.launchType] = { ...walk.deployments[site.launchType], ...made };
        },
      })),
    );
  },
});

const steadyStep = (site: Site): Step => ({
  title: 'Wait until the service is steady',
  task: (walk, task) =>
    waitForSteadyState(sessionOf(walk, site), deploymentOf(walk, site).targetGroupArn, (line) => {
      if (task.output !== line) task.output = line;
    }),
});

const checkStep = (title: string, site: Site, checks: readonly Check[]): Step => ({
  title,
  task: (_walk, parent) =>
    parent.newListr(
      checks.map((check) => ({
        title: check.title,
        task: async (walk: Walk, task: { title: string }) => {
          task.title = `${check.title}: ${await check.see(sessionOf(walk, site))}`;
        },
      })),
      { exitOnError: true },
    ),
});

/** More tasks than there is room for: the group grows. */
const scaleOutStep = scaleStep(`Scale out: ${CAPACITY.maxSize} tasks`, CAPACITY.maxSize);

/** Instances without a task go, one at a time. */
const scaleInStep = scaleStep(`Scale in: ${CAPACITY.minSize} task`, CAPACITY.minSize);

function scaleStep(title: string, count: number): Step {
  return {
    title,
    task: async (walk, task) => {
      const session = sessionOf(walk, EC2_SITE);
      const { targetGroupArn } = deploymentOf(walk, EC2_SITE);
      const seen = await scaleTo(session, targetGroupArn, count, (line) => (task.output = line));
      task.title = `${title}: ${seen}`;
    },
    // What was seen on the way stays on a terminal too.
    rendererOptions: { persistentOutput: true, outputBar: Infinity },
  };
}

const deleteSiteStep = (title: string, site: Site): Step => ({
  title,
  task: (walk, task) => deleteSite(sessionOf(walk, site), (line) => (task.output = line)),
});

const deleteSharedStep: Step = {
  title: 'Delete what both had through the AWS API',
  task: (walk) => deleteShared(must(walk.session, 'a session')),
};

/** Until the page comes from Fargate. */
export const fargateSteps = (signal: AbortSignal): readonly Step[] => [
  buildStep(signal),
  pushStep,
  deployStep('Deploy it through the AWS API', FARGATE_SITE),
  steadyStep(FARGATE_SITE),
];

const deployOnInstancesStep = deployStep('Deploy it on EC2 instances of an Auto Scaling group too', EC2_SITE);

/** Until the page comes from EC2 instances. */
export const ec2Steps: readonly Step[] = [deployOnInstancesStep, steadyStep(EC2_SITE)];

/** As above, with the checks of the first site while the first instance boots. */
export const ec2StepsWithChecks: readonly Step[] = [
  deployOnInstancesStep,
  checkStep('Check, on Fargate', FARGATE_SITE, [...PAGE_CHECKS, ISOLATION_CHECK]),
  steadyStep(EC2_SITE),
];

export const scalingSteps: readonly Step[] = [scaleOutStep, scaleInStep];

/** As above, with checks in between; and then all that the steps made is deleted, some of it meanwhile. */
export const scalingStepsWithChecks: readonly Step[] = [
  scaleOutStep,
  checkStep('Check, on three EC2 instances', EC2_SITE, PAGE_CHECKS),
  {
    title: 'Scale in, and delete the Fargate site meanwhile',
    task: (_walk, parent) =>
      parent.newListr([scaleInStep, deleteSiteStep('Delete the Fargate site through the AWS API', FARGATE_SITE)], {
        concurrent: true,
      }),
  },
  deleteSiteStep('Delete the EC2 site through the AWS API', EC2_SITE),
  deleteSharedStep,
];
