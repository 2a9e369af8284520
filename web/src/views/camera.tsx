// The camera, on request: a picture every time the networks are ready for one, until it is stopped.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { busy } from '../state/app';
import { PageError } from '../state/error';
import { showError } from '../state/task';

const PAUSE_MS = 250;

async function openCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PageError(t.app.errors.noCamera, why, t.app.errors.noCameraHint);
  }
}

async function shoot(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
}

export function Camera({ onPicture }: { onPicture: (picture: Blob) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!stream || !element) return;
    element.srcObject = stream;
    const timer = setInterval(() => {
      if (!busy.value && element.videoWidth > 0) shoot(element).then(onPicture, showError);
    }, PAUSE_MS);
    return () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    };
  }, [stream]);
  if (!navigator.mediaDevices) return null;
  const toggle = () => (stream ? setStream(null) : openCamera().then(setStream, showError));
  return (
    <>
      <button type="button" class="button plain" aria-pressed={stream !== null} onClick={() => void toggle()}>
        {stream ? t.input.cameraStop : t.input.camera}
      </button>
      {stream && <video ref={video} class="camera" autoPlay muted playsInline />}
    </>
  );
}
